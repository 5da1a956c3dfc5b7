//! The workspace and the apps from a config file.

use super::client::{dial_at, post, receive};
use super::program::Program;
use super::script::Script;
use serde_json::json;
use std::process::Command;

const CONFIG: &str = r#"
[workspace]
id = "T0ACME0001"
name = "Acme"

[[users]]
id = "U0ANN00001"
name = "ann"

[[users]]
id = "U0BOB00001"
name = "bob"

[[channels]]
id = "C0DEPLOYS1"
name = "deploys"

[[apps]]
name = "deploybot"
app_token = "xapp-1-A1-mine"

[[apps]]
name = "other"
bot_token = "xoxb-other"
"#;

#[tokio::test]
async fn a_workspace_and_its_apps_come_from_a_file() {
    let config = Script::of("config", CONFIG);
    let mut program = Program::start(&["--config", config.path()]);
    assert_eq!(program.app_token, "xapp-1-A1-mine");
    let started = program.until("app other: SLACK_APP_TOKEN=").await;
    assert!(started.ends_with(" SLACK_BOT_TOKEN=xoxb-other\n"), "{started}");
    let mut socket = program.connect().await;
    for line in [":as ann", ":in #deploys", "hello"] {
        program.type_in(line);
    }
    let payload = receive(&mut socket).await["payload"].clone();
    let headers = [("content-type", "application/json")];
    let said =
        post(program.address, "/_control/say", &headers, "{\"text\": \"hi\"}".to_owned()).await.unwrap();
    assert_eq!(said.json()["ok"], true, "{}", said.body);
    let by_default = receive(&mut socket).await["payload"]["event"].clone();
    assert_eq!((&by_default["user"], &by_default["channel"]), (&json!("U0ANN00001"), &json!("C0DEPLOYS1")));
    assert_eq!(
        (&payload["team_id"], &payload["event"]["user"]),
        (&json!("T0ACME0001"), &json!("U0ANN00001"))
    );
    let bot = program.call("auth.test", &json!({})).await;
    let user = program.call("users.info", &json!({"user": bot["user_id"]})).await;
    assert_eq!(user["user"]["name"], "deploybot", "{user}");

    // The other one is an app, too.
    let token = started.split("SLACK_APP_TOKEN=").nth(1).unwrap().split(' ').next().unwrap();
    let token = format!("Bearer {token}");
    let headers = [("authorization", token.as_str())];
    let open =
        post(program.address, "/api/apps.connections.open", &headers, String::new()).await.unwrap().json();
    let mut socket = dial_at(program.address, open["url"].as_str().unwrap()).await.unwrap();
    assert_eq!(receive(&mut socket).await["num_connections"], 1);
}

#[test]
fn what_is_wrong_with_a_config_is_one_sentence() {
    let users: String = (0..1_001).map(|n| format!("[[users]]\nid = \"U{n}\"\n")).collect();
    let channels: String = (0..1_000).map(|n| format!("[[channels]]\nid = \"C{n}\"\n")).collect();
    for (name, text, words) in [
        ("many", &*(users + &channels), "more than 1000000 members"),
        ("syntax", "[workspace\n", "at line 1"),
        ("unknown", "[workspace]\nnam = \"Acme\"\n", "at line 2: unknown field `nam`"),
        ("escape", "[workspace]\n\"\\u001b[2Jnam\\u202e\" = 1\n", "unknown field `\\u{1b}[2Jnam\\u{202e}`"),
        ("empty", "[[users]]\nname = \"ann\"\n", "needs an id"),
        ("twice", "[[users]]\nid = \"U1\"\n[[users]]\nid = \"U1\"\n", "the id U1 is there twice"),
        (
            "same",
            "[[apps]]\nbot_token = \"xoxb-secret\"\n[[apps]]\nbot_token = \"xoxb-secret\"\n",
            "the bot token is that of another app",
        ),
        ("token", "[[apps]]\napp_token = \"secret\"\n", "the app token must begin with xapp-"),
    ] {
        let config = Script::of(name, text);
        let output = Command::new(env!("CARGO_BIN_EXE_slack-simulator"))
            .args(["--config", config.path()])
            .output()
            .unwrap();
        let printed = String::from_utf8(output.stderr).unwrap();
        assert_eq!((output.status.code(), printed.lines().count()), (Some(2), 1), "{name}: {printed}");
        assert!(printed.contains(words) && !printed.contains("secret"), "{name}: {printed}");
    }
}
