//! The pure decision: policy inheritance, request states, decide, explain.
