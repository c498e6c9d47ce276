use serde_json::json;

use crate::{
    answers::{ok, problem},
    stage::Stage,
};

fn me() -> crate::answers::Reply {
    ok(&json!({ "subject": "ada" }))
}

#[tokio::test]
async fn the_local_stack_is_found_from_a_folder_below() {
    let stage = Stage::new().await;
    stage.write(".local/cli.json", &json!({ "url": stage.url, "token": "tk_local", "more": 1 }).to_string());
    stage.write("deep/er/file", "");
    stage.on("GET /v1/me", me());
    let mut command = stage.stranger(&["me"]);
    command.current_dir(stage.home.path().join("deep/er"));
    assert_eq!(stage.finish(command).await.code, Some(0));
    assert_eq!(stage.seen()[0].header("authorization"), Some("Bearer tk_local"));
}

#[tokio::test]
async fn the_configuration_file_comes_first_and_has_three_places() {
    let stage = Stage::new().await;
    stage.write(".local/cli.json", &json!({ "url": "http://127.0.0.1:1", "token": "tk_local" }).to_string());
    let config = |token: &str| format!("url = \"{}/\"\ntoken = \"{token}\"\n", stage.url);
    stage.write(".config/tenantry/config.toml", &config("tk_home"));
    stage.write("xdg/tenantry/config.toml", &config("tk_xdg"));
    stage.write("own.toml", &config("tk_own"));

    let places: [(&[(&str, &str)], &str); 3] = [
        (&[], "Bearer tk_home"),
        (&[("XDG_CONFIG_HOME", "xdg")], "Bearer tk_xdg"),
        (&[("XDG_CONFIG_HOME", "xdg"), ("TENANTRY_CONFIG", "own.toml")], "Bearer tk_own"),
    ];
    for (variables, token) in places {
        stage.on("GET /v1/me", me());
        let mut command = stage.stranger(&["me"]);
        command.envs(variables.iter().copied());
        let ran = stage.finish(command).await;
        assert_eq!(ran.code, Some(0), "{}", ran.err);
        assert_eq!(stage.seen().last().unwrap().header("authorization"), Some(token));
    }
}

#[tokio::test]
async fn what_is_typed_wins_over_the_environment() {
    let stage = Stage::new().await;
    stage.on("GET /v1/me", me());
    let mut command = stage.stranger(&["me", "--url", &stage.url, "--token", "tk_typed"]);
    command.env("TENANTRY_URL", "http://127.0.0.1:1").env("TENANTRY_TOKEN", "tk_environment");
    assert_eq!(stage.finish(command).await.code, Some(0));
    assert_eq!(stage.seen()[0].header("authorization"), Some("Bearer tk_typed"));
}

#[tokio::test]
async fn a_token_is_never_sent_to_another_address_than_its_files() {
    let stage = Stage::new().await;
    stage.write(".config/tenantry/config.toml", "url = \"https://api.example\"\ntoken = \"tk_secret\"\n");
    stage.on("GET /v1/me", problem(401, "unauthenticated", json!({ "next_action": "Send a token." })));
    let ran = stage.finish(stage.stranger(&["me", "--url", &stage.url])).await;
    assert_eq!(ran.code, Some(4));
    assert_eq!(stage.seen()[0].header("authorization"), None);
    assert!(ran.err.contains("No token was found for this address"), "{}", ran.err);
}

#[tokio::test]
async fn a_file_that_cannot_be_used_is_named_without_its_token() {
    let stage = Stage::new().await;
    stage.write(".config/tenantry/config.toml", "url = \"https://api.example\"\ntoken = tk_secret\n");
    let ran = stage.finish(stage.stranger(&["me"])).await;
    assert_eq!(ran.code, Some(1));
    assert!(ran.err.contains("config.toml is not understood at line 2"), "{}", ran.err);
    assert!(!ran.err.contains("tk_secret"), "{}", ran.err);

    let mut command = stage.stranger(&["me"]);
    command.env("TENANTRY_CONFIG", "missing.toml");
    let ran = stage.finish(command).await;
    assert!(ran.code == Some(1) && ran.err.contains("missing.toml, which does not exist"), "{}", ran.err);
}

#[tokio::test]
async fn completion_needs_no_api() {
    let stage = Stage::new().await;
    for shell in ["bash", "zsh", "fish", "elvish", "powershell"] {
        let ran = stage.finish(stage.stranger(&["completion", shell])).await;
        let complete = ran.out.contains("onboard") && ran.out.contains("suppression");
        assert!(ran.code == Some(0) && complete, "{shell}: {}", ran.err);
    }
}
