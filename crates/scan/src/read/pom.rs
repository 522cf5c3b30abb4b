//! `pom.xml`, <https://maven.apache.org/pom.html>, with its parents and what it imports, as far as they lie in the target.
//!
//! A POM lists what a project asks for itself, not what that needs in turn. A parent or an imported list of versions is
//! looked for where Maven does, beside the project and in a local repository under `/root/.m2`; where it is not found and a
//! version is missing for it, that is told. Profiles are not looked into: what is active is decided where it is built.

mod effective;
mod model;

use floodmark_intel::purl::Purl;

use effective::Effective;
use model::{Dependency, Model};

use super::{Broken, Reading};
use crate::component::{Component, Place, Registry, Scope};

pub(crate) fn read(bytes: &[u8], reading: &mut Reading<'_>) -> Result<(), Broken> {
    let model = Model::read(bytes, reading)?;
    let effective = Effective::of(model, reading);
    let mut unknown = 0_usize;
    for (file, dependency) in effective.dependencies() {
        let resolved = effective.resolve(dependency);
        let is_import = resolved.scope.as_deref() == Some("import");
        if is_import {
            continue;
        }
        unknown += usize::from(resolved.version.is_none());
        let (place, component) = (Place::Line(dependency.line), component(&resolved));
        match file {
            Some(file) => reading.inside(file, |reading| reading.add(place, component)),
            None => reading.add(place, component),
        }
    }
    if unknown > 0 {
        for missing in &effective.missing {
            let why = format!(
                "names {missing}, which is not in what is scanned; versions of {unknown} packages are unknown"
            );
            reading.note(&Place::Whole, &why);
        }
    }
    Ok(())
}

fn component(dependency: &Dependency) -> Result<Component, String> {
    let (Some(group), Some(artifact)) = (&dependency.group, &dependency.artifact) else {
        return Err("has no `groupId` or no `artifactId`; expected both".to_owned());
    };
    if group.contains("${") || artifact.contains("${") {
        return Err(format!("is `{group}:{artifact}`; expected a name whose properties are known"));
    }
    let name = format!("{group}:{artifact}");
    let component = Registry::Maven.component(&name, dependency.version.as_deref());
    let mut component = component.map_err(|error| error.to_string())?.direct().scoped(scope(dependency));
    let kind = dependency.kind.as_deref().filter(|kind| *kind != "jar");
    let qualifiers = [("classifier", dependency.classifier.as_deref()), ("type", kind)];
    let qualifiers = qualifiers.into_iter().filter_map(|(key, value)| Some((key, value?)));
    component.purl = qualified(component.purl, qualifiers)?;
    Ok(if dependency.scope.as_deref() == Some("system") { component.unregistered() } else { component })
}

fn qualified<'a>(purl: Purl, qualifiers: impl Iterator<Item = (&'a str, &'a str)>) -> Result<Purl, String> {
    purl.qualified(qualifiers).map_err(|error| error.to_string())
}

fn scope(dependency: &Dependency) -> Scope {
    match dependency.scope.as_deref() {
        Some("test") => Scope::Dev,
        // What provides it where the product runs is somebody else's, in a version of their own.
        Some("provided" | "plugin") => Scope::Build,
        _ if dependency.is_optional => Scope::Optional,
        _ => Scope::Runtime,
    }
}

#[cfg(test)]
mod tests {
    use super::super::testing::{cut_anywhere, read, read_beside};
    use crate::component::{Place, Scope};

    const CHILD: &str = r#"<?xml version="1.0"?>
<project xmlns="http://maven.apache.org/POM/4.0.0">
  <parent><groupId>com.example</groupId><artifactId>parent</artifactId><version>1.0</version></parent>
  <artifactId>child</artifactId>
  <properties><jackson>2.15.0</jackson></properties>
  <dependencies>
    <dependency><groupId>com.fasterxml.jackson.core</groupId><artifactId>jackson-databind</artifactId><version>${jackson.version}</version></dependency>
    <dependency><groupId>org.junit.jupiter</groupId><artifactId>junit-jupiter</artifactId></dependency>
    <dependency><groupId>io.netty</groupId><artifactId>netty-handler</artifactId><classifier>linux</classifier></dependency>
    <dependency><groupId>${project.groupId}</groupId><artifactId>sibling</artifactId><version>${project.version}</version><optional>true</optional></dependency>
    <dependency><groupId>a</groupId><artifactId>ranged</artifactId><version>[1,2)</version></dependency>
    <!-- <dependency><groupId>no</groupId></dependency> -->
    <dependency><artifactId>nameless</artifactId></dependency>
    <dependency><groupId>javax.servlet</groupId><artifactId>servlet-api</artifactId><version>[2.5]</version><scope>provided</scope></dependency>
  </dependencies>
  <build><plugins>
    <plugin><artifactId>maven-shade-plugin</artifactId><version>3.5.0</version></plugin>
    <plugin><artifactId>maven-jar-plugin</artifactId></plugin>
  </plugins></build>
</project>
"#;

    const PARENT: &str = r"<project>
  <groupId>com.example</groupId><artifactId>parent</artifactId><version>1.0</version>
  <properties><jackson.version>${jackson}</jackson.version><jackson>2.9.0</jackson></properties>
  <dependencyManagement><dependencies>
    <dependency><groupId>org.junit.jupiter</groupId><artifactId>junit-jupiter</artifactId><version>5.10.0</version><scope>test</scope></dependency>
    <dependency><groupId>com.example</groupId><artifactId>bom</artifactId><version>1.0</version><type>pom</type><scope>import</scope></dependency>
  </dependencies></dependencyManagement>
  <dependencies>
    <dependency><groupId>org.slf4j</groupId><artifactId>slf4j-api</artifactId><version>2.0.9</version></dependency>
  </dependencies>
</project>
";

    const BOM: &str = r"<project><groupId>com.example</groupId><artifactId>bom</artifactId><version>1.0</version>
  <properties><netty>4.1.100.Final</netty></properties>
  <dependencyManagement><dependencies>
    <dependency><groupId>io.netty</groupId><artifactId>netty-handler</artifactId><classifier>linux</classifier><version>${netty}</version></dependency>
  </dependencies></dependencyManagement></project>
";

    const NETTY: &str = "pkg:maven/io.netty/netty-handler@4.1.100.Final?classifier=linux";

    #[test]
    fn a_pom_has_what_its_parents_and_imports_say() {
        let files = [
            ("child/pom.xml", CHILD.as_bytes()),
            ("pom.xml", PARENT.as_bytes()),
            ("bom/pom.xml", BOM.as_bytes()),
        ];
        let read = read_beside("child/pom.xml", &files);
        let scopes: Vec<_> = read.components.iter().map(|one| (one.purl.as_str(), one.scope)).collect();
        assert_eq!(
            scopes,
            [
                ("pkg:maven/com.fasterxml.jackson.core/jackson-databind@2.15.0", Scope::Runtime),
                ("pkg:maven/org.junit.jupiter/junit-jupiter@5.10.0", Scope::Dev),
                (NETTY, Scope::Runtime),
                ("pkg:maven/com.example/sibling@1.0", Scope::Optional),
                ("pkg:maven/a/ranged", Scope::Runtime),
                ("pkg:maven/javax.servlet/servlet-api@2.5", Scope::Build),
                ("pkg:maven/org.apache.maven.plugins/maven-shade-plugin@3.5.0", Scope::Build),
                ("pkg:maven/org.slf4j/slf4j-api@2.0.9", Scope::Runtime),
            ]
        );
        let told: Vec<_> = read.unread.iter().map(|one| one.path.as_str()).collect();
        assert_eq!(told, ["child/pom.xml: line 13"]);
        let found = |purl: &str| read.component(purl).found.first().cloned().expect("a place");
        assert_eq!(found(NETTY).place, Place::Line(9));
        assert_eq!(&*found("pkg:maven/org.slf4j/slf4j-api@2.0.9").path, "pom.xml");
    }

    #[test]
    fn a_parent_that_is_not_there_is_told_where_a_version_is_missing() {
        let alone = read("child/pom.xml", CHILD.as_bytes());
        assert!(alone.purls().contains(&"pkg:maven/com.fasterxml.jackson.core/jackson-databind"));
        let told = alone.unread.last().expect("told");
        assert!(told.why.contains("the parent com.example:parent:1.0") && !told.incomplete, "{told:?}");
    }

    #[test]
    fn circles_of_parents_and_of_properties_end() {
        let circle = "<project><parent><groupId>g</groupId><artifactId>a</artifactId><relativePath>pom.xml</relativePath>\
                      </parent><groupId>g</groupId><artifactId>a</artifactId><properties><x>${y}${y}</x><y>${x}${x}</y>\
                      </properties><dependencies><dependency><groupId>b</groupId><artifactId>c</artifactId><version>${x}\
                      </version></dependency></dependencies></project>";
        assert_eq!(read("pom.xml", circle.as_bytes()).purls(), ["pkg:maven/b/c"]);
    }

    #[test]
    fn what_is_no_pom_is_told_and_one_cut_anywhere_is_read_as_far_as_it_goes() {
        for other in ["<html/>", "{}", "<!DOCTYPE x [<!ENTITY a \"&a;&a;\">]>"] {
            assert!(!read("pom.xml", other.as_bytes()).unread.is_empty(), "{other}");
        }
        for end in 0..CHILD.len() {
            assert!(read("pom.xml", &CHILD.as_bytes()[..end]).components.len() <= 8);
        }
        cut_anywhere("pom.xml", BOM.as_bytes());
    }
}
