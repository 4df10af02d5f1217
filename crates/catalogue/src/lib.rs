//! Every permission and operation as data, and the only router.
