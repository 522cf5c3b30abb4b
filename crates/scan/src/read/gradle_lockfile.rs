//! `gradle.lockfile`, <https://docs.gradle.org/current/userguide/dependency_locking.html>, and the file for each
//! configuration that Gradle before 7 wrote instead.
//!
//! The file tells in which configurations a module is, by names that plugins choose: those of the Java plugin are known.

use super::text::{lines, utf8};
use super::{Broken, Reading};
use crate::component::{Component, Place, Registry, Scope};

pub(crate) fn read(bytes: &[u8], reading: &mut Reading<'_>) -> Result<(), Broken> {
    utf8(bytes, "a lock file of Gradle")?;
    let file = reading.path().file_name().map(|name| name.to_string_lossy().into_owned()).unwrap_or_default();
    // That of the build itself, and in old versions that of one configuration.
    let of_file = match file.strip_suffix(".lockfile") {
        Some("gradle") | None => None,
        Some("buildscript-gradle" | "settings-gradle") => Some("buildscript"),
        Some(configuration) => Some(configuration),
    };
    for (number, line) in lines(bytes) {
        let line = String::from_utf8_lossy(line);
        let line = line.trim();
        if line.is_empty() || line.starts_with('#') || line.starts_with("empty=") {
            continue;
        }
        reading.add(Place::Line(number), component(line, of_file));
    }
    Ok(())
}

fn component(line: &str, of_file: Option<&str>) -> Result<Component, String> {
    let (module, configurations) = line.split_once('=').unwrap_or((line, ""));
    let Some((name, version)) = module.rsplit_once(':').filter(|(name, _)| name.contains(':')) else {
        return Err("is no module; expected `group:name:version=configurations`".to_owned());
    };
    let component = Registry::Maven.component(name, Some(version)).map_err(|error| error.to_string())?;
    let configurations = configurations.split(',').filter(|one| !one.is_empty()).chain(of_file);
    let scopes =
        configurations.map(|one| if of_file == Some("buildscript") { Scope::Build } else { scope(one) });
    Ok(component.scoped(scopes.min().unwrap_or(Scope::Unknown)))
}

/// What a configuration is for, by the names of <https://docs.gradle.org/current/userguide/java_plugin.html>.
fn scope(configuration: &str) -> Scope {
    let name = configuration.to_ascii_lowercase();
    match () {
        () if name.contains("test") => Scope::Dev,
        () if name.ends_with("runtimeclasspath") => Scope::Runtime,
        () if name.ends_with("compileclasspath") || name.ends_with("annotationprocessor") => Scope::Build,
        () if name.starts_with("kapt") || name.starts_with("ksp") || name == "classpath" => Scope::Build,
        () => Scope::Unknown,
    }
}

#[cfg(test)]
mod tests {
    use super::super::testing::{cut_anywhere, read};
    use crate::component::Scope;

    const LOCK: &str = "# This is a Gradle generated file for dependency locking.
com.google.guava:guava:32.1.2-jre=compileClasspath,runtimeClasspath,testRuntimeClasspath
org.junit.jupiter:junit-jupiter:5.10.0=testCompileClasspath,testRuntimeClasspath
org.projectlombok:lombok:1.18.30=annotationProcessor,compileClasspath
com.example:odd:1.0=checkstyle
nothing
empty=
";

    #[test]
    fn configurations_tell_what_a_module_is_for() {
        let locked = read("gradle.lockfile", LOCK.as_bytes());
        let scopes: Vec<_> = locked.components.iter().map(|one| (one.purl.as_str(), one.scope)).collect();
        assert_eq!(
            scopes,
            [
                ("pkg:maven/com.google.guava/guava@32.1.2-jre", Scope::Runtime),
                ("pkg:maven/org.junit.jupiter/junit-jupiter@5.10.0", Scope::Dev),
                ("pkg:maven/org.projectlombok/lombok@1.18.30", Scope::Build),
                ("pkg:maven/com.example/odd@1.0", Scope::Unknown),
            ]
        );
        assert!(locked.unread.len() == 1 && locked.unread[0].path == "gradle.lockfile: line 6");
        cut_anywhere("gradle.lockfile", LOCK.as_bytes());
    }

    #[test]
    fn the_name_of_a_file_may_be_that_of_a_configuration() {
        let module = b"a:b:1\n";
        let old = read("gradle/dependency-locks/testRuntimeClasspath.lockfile", module);
        assert_eq!(old.components[0].scope, Scope::Dev);
        let build = read("buildscript-gradle.lockfile", b"a:b:1=classpath\n");
        assert_eq!(build.components[0].scope, Scope::Build);
    }
}
