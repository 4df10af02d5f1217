//! The description of the API in OpenAPI 3.1, made from the catalogue and from what is served. Paths, parameters,
//! security and permissions come from there; the shapes of our own endpoints from `data/openapi`; those of
//! GitHub's endpoints are GitHub's, which publishes them.

use bailiwick_authority::Fault;
use bailiwick_catalogue::{
    Anonymous, Door, Operation, OperationIndex, accepted_header, describe_requirement, describe_role,
    describe_scopes, op, operation,
};
use bailiwick_gate::{Answer, Call, Reply, Routes};
use serde_json::{Map, Value, json};

/// The operations of this module.
pub fn register(routes: &mut Routes) {
    routes.on(op::BAILIWICK_GET_OPENAPI, get);
}

/// The shapes of our own endpoints, under the names that `OPERATIONS` gives.
const SCHEMAS: &str = include_str!("../../data/openapi/schemas.json");
/// Request and answers of our own endpoints, by operation.
const OPERATIONS: &str = include_str!("../../data/openapi/operations.json");

fn get(call: Call) -> Answer {
    Ok(Reply::json(&document(&call.doorway.served)?))
}

fn read(text: &str) -> Result<Value, Fault> {
    serde_json::from_str(text).map_err(|error| Fault::internal("openapi.data", error))
}

/// The whole description.
fn document(served: &[OperationIndex]) -> Result<Value, Fault> {
    let shapes = read(OPERATIONS)?;
    let mut paths: Map<String, Value> = Map::new();
    for one in served.iter().filter_map(|index| operation(*index)) {
        if matches!(one.door, Door::Git | Door::Page | Door::Gitea) {
            continue;
        }
        let place = paths.entry(one.path.to_owned()).or_insert_with(|| path_item(one));
        if let Some(methods) = place.as_object_mut() {
            methods.insert(
                one.method.to_ascii_lowercase(),
                described(one, shapes.get(one.id)),
            );
        }
    }
    Ok(json!({
        "openapi": "3.1.0",
        "info": {
            "title": "Bailiwick",
            "version": env!("CARGO_PKG_VERSION"),
            "description": "A GitHub-compatible REST API behind fine-grained access tokens. Endpoints whose \
                operation does not start with `bailiwick/` answer in GitHub's shapes, described at \
                https://docs.github.com/rest.",
            "license": {"name": "MIT OR Apache-2.0", "identifier": "MIT OR Apache-2.0"},
        },
        "servers": [{"url": "/api/v3"}],
        "paths": paths,
        "components": {
            "securitySchemes": {
                "token": {"type": "http", "scheme": "bearer", "description": "A token or a session as Bearer."},
                "basic": {
                    "type": "http", "scheme": "basic",
                    "description": "A token as the password, with any user name.",
                },
            },
            "responses": {
                "error": {
                    "description": "Refused or failed.",
                    "content": {"application/json": {"schema": {"$ref": "#/components/schemas/Error"}}},
                },
            },
            "schemas": read(SCHEMAS)?,
        },
    }))
}

fn path_item(one: &Operation) -> Value {
    let parameters: Vec<Value> = one
        .path
        .split('/')
        .flat_map(|segment| segment.split('{').skip(1))
        .filter_map(|rest| rest.split_once('}'))
        .map(|(name, _)| parameter(name))
        .collect();
    let mut item = json!({"parameters": parameters});
    if one.door == Door::Root
        && let Some(fields) = item.as_object_mut()
    {
        fields.insert("servers".into(), json!([{"url": "/"}]));
    }
    item
}

fn parameter(name: &str) -> Value {
    let number = name.ends_with("_id") || name.ends_with("_number");
    // A session may also be called `current`.
    let kind = if number && name != "session_id" {
        "integer"
    } else {
        "string"
    };
    json!({"name": name, "in": "path", "required": true, "schema": {"type": kind}})
}

fn described(one: &Operation, shape: Option<&Value>) -> Value {
    let mut fields = Map::new();
    let mut put = |name: &str, value: Value| {
        fields.insert(name.to_owned(), value);
    };
    let tag = one.id.split('/').next().unwrap_or(one.id);
    put("operationId", json!(one.id));
    put("tags", json!([tag]));
    put("summary", json!(describe_requirement(one)));
    if !one.why.is_empty() {
        put("description", json!(one.why));
    }
    let tokens = json!([{"token": []}, {"basic": []}]);
    let security = match one.anonymous {
        Anonymous::Never => tokens,
        Anonymous::IfPublic | Anonymous::Always => json!([{}, {"token": []}, {"basic": []}]),
    };
    put("security", security);
    put("x-accepted-github-permissions", json!(accepted_header(one)));
    put("x-bailiwick-scopes", json!(describe_scopes(one)));
    let role = describe_role(one);
    if !role.is_empty() {
        put("x-bailiwick-role", json!(role));
    }
    if one.sudo {
        put("x-bailiwick-sudo", json!(true));
    }
    let request = shape.and_then(|shape| shape.get("request"));
    if let Some(schema) = request {
        put(
            "requestBody",
            json!({"required": true, "content": content("application/json", schema)}),
        );
    } else if matches!(one.method, "POST" | "PUT" | "PATCH") && shape.is_none() {
        let any = json!({"type": "object"});
        put(
            "requestBody",
            json!({"required": false, "content": content("application/json", &any)}),
        );
    }
    if let Some(query) = shape.and_then(|shape| shape.get("query")) {
        put("parameters", query.clone());
    }
    put("responses", responses(one, shape));
    Value::Object(fields)
}

fn content(kind: &str, schema: &Value) -> Value {
    json!({kind: {"schema": schema}})
}

fn responses(one: &Operation, shape: Option<&Value>) -> Value {
    let mut answers = Map::new();
    match shape
        .and_then(|shape| shape.get("responses"))
        .and_then(Value::as_object)
    {
        Some(known) => {
            for (status, schema) in known {
                let answer = match schema {
                    Value::Null => json!({"description": "Done."}),
                    Value::String(kind) => {
                        let text = json!({"type": "string"});
                        json!({"description": "Done.", "content": content(kind, &text)})
                    }
                    schema => json!({"description": "Done.", "content": content("application/json", schema)}),
                };
                answers.insert(status.clone(), answer);
            }
        }
        None => {
            let description = format!("As GitHub's operation {}.", one.id);
            answers.insert("2XX".into(), json!({"description": description}));
        }
    }
    answers.insert("default".into(), json!({"$ref": "#/components/responses/error"}));
    Value::Object(answers)
}
