//! `floodmark completions`.

use crate::scene::Scene;

#[test]
fn there_is_a_completion_script_for_every_shell() {
    let scene = Scene::new();
    for shell in ["bash", "elvish", "fish", "powershell", "zsh"] {
        let ran = scene.run(&format!("completions {shell}"));
        assert_eq!((ran.code, ran.stderr.as_str()), (Some(0), ""), "{shell}");
        for word in ["trace", "rehearse", "verify", "public-keys"] {
            assert!(ran.stdout.contains(word), "{shell} completes {word}");
        }
    }
}
