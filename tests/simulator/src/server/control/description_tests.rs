use super::DESCRIPTION;
use super::routes::ROUTES;
use serde_json::Value;
use std::collections::BTreeSet;

#[test]
fn every_route_is_described_and_nothing_else() {
    let description: Value = serde_json::from_str(DESCRIPTION).unwrap();
    let paths = description["paths"].as_object().unwrap();
    let described: BTreeSet<_> = paths
        .iter()
        .flat_map(|(path, methods)| methods.as_object().unwrap().keys().map(move |method| (method, path)))
        .map(|(method, path)| (method.to_uppercase(), path.clone()))
        .collect();
    let routes: BTreeSet<_> =
        ROUTES.iter().map(|route| (route.method.to_owned(), format!("/_control/{}", route.path))).collect();
    assert_eq!(described, routes);
}
