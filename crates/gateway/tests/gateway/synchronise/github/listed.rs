//! Lists of the stand-in for GitHub: two items a page, with links that lead elsewhere, and its lies about them.

use super::hub::{Lie, State};
use crate::github::hub::json_with;
use crate::github::wire::Said;
use serde_json::{Value, json};
use std::collections::BTreeMap;

/// Items of a page, whatever was asked for.
const PAGE: usize = 2;

impl State {
    /// What an installation reaches.
    pub fn reached(
        &self,
        account: i64,
        query: &BTreeMap<&str, &str>,
        headers: &mut [(String, String)],
    ) -> Said {
        let all: Vec<Value> = self
            .repositories
            .iter()
            .filter(|one| one.owner == account)
            .map(|one| self.shown(one))
            .collect();
        let first = query.get("page").is_none();
        let lie = if self.login(account) == "acme" {
            self.lie
        } else {
            Lie::None
        };
        let whole = |mut items: Vec<Value>, total: usize, next: bool, mut headers: Vec<(String, String)>| {
            if lie == Lie::HugeId {
                items[0]["id"] = json!(1_i64 << 53);
            }
            if lie == Lie::NoName {
                items[0].as_object_mut().unwrap().remove("name");
            }
            if next {
                let link = if lie == Lie::OddLink {
                    "<https://elsewhere.example/x>; rel=\"next\"".to_owned()
                } else {
                    link(query)
                };
                headers.push(("link".into(), link));
            }
            let mut text = json!({"total_count": total, "repositories": items}).to_string();
            if lie == Lie::TwiceTheField {
                text = text.replacen("\"archived\":false", "\"archived\":false,\"archived\":true", 1);
            }
            Said::Whole(200, headers, text)
        };
        match lie {
            Lie::Fails => return json_with(500, &json!({})),
            Lie::NoList => return json_with(200, &json!([])),
            Lie::CutOff => {
                let text =
                    "HTTP/1.1 200 X\r\ncontent-length: 500\r\n\r\n{\"total_count\": 5, \"repositories\": [";
                return Said::Raw(text.as_bytes().to_vec());
            }
            Lie::NoPageTwo if !first => return json_with(404, &json!({"message": "Not Found"})),
            Lie::EmptyPageTwo if !first => return whole(Vec::new(), all.len(), true, headers.to_vec()),
            Lie::NoLink => return whole(all[..PAGE].to_vec(), all.len(), false, headers.to_vec()),
            Lie::SamePage => return whole(all[..PAGE].to_vec(), 1_000_000, true, headers.to_vec()),
            Lie::Endless => {
                let mut more = all[0].clone();
                let page = query.get("page").map_or(1, |page| page.parse::<i64>().unwrap());
                more["id"] = json!(100_000 + page);
                more["name"] = json!(format!("more-{page}"));
                return whole(vec![more], 1_000_000, true, headers.to_vec());
            }
            _ => {}
        }
        let (items, more) = cut(&all, query);
        whole(items, all.len(), more, headers.to_vec())
    }
}

fn cut(all: &[Value], query: &BTreeMap<&str, &str>) -> (Vec<Value>, bool) {
    assert_eq!(query["per_page"], "100");
    let page = query.get("page").map_or(1, |page| page.parse::<usize>().unwrap());
    let items: Vec<Value> = all.iter().skip((page - 1) * PAGE).take(PAGE).cloned().collect();
    (items, all.len() > page * PAGE)
}

/// GitHub's own links name things by number; here they even lead to another server.
fn link(query: &BTreeMap<&str, &str>) -> String {
    let mut next = query.clone();
    let page = query.get("page").map_or(1, |page| page.parse::<usize>().unwrap()) + 1;
    let page = page.to_string();
    next.insert("page", &page);
    let pairs: Vec<String> = next
        .iter()
        .map(|(name, value)| format!("{name}={value}"))
        .collect();
    let pairs = pairs.join("&");
    format!(
        "<https://elsewhere.example/numbers/1?{pairs}>; rel=\"next\", <https://elsewhere.example/x?page=99>; rel=\"last\""
    )
}

pub fn paged(
    path: &str,
    all: &[Value],
    query: &BTreeMap<&str, &str>,
    headers: &mut Vec<(String, String)>,
) -> Said {
    assert!(!path.is_empty());
    let (items, more) = cut(all, query);
    if more {
        headers.push(("link".into(), link(query)));
    }
    Said::Whole(200, std::mem::take(headers), Value::Array(items).to_string())
}
