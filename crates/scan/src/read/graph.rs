//! Who needs whom: for formats that list packages and what each needs, and leave it to the reader what that makes of them.

use std::collections::BTreeSet;

use crate::component::{Component, Scope};

/// Packages by number, and who needs which.
#[derive(Default)]
pub(super) struct Graph<'t> {
    packages: Vec<Package<'t>>,
    knows_direct: bool,
}

#[derive(Default)]
struct Package<'t> {
    name: &'t str,
    needs: Vec<(usize, Scope)>,
    by: BTreeSet<&'t str>,
    direct: Option<Scope>,
    scope: Option<Scope>,
}

impl<'t> Graph<'t> {
    /// Enters a package; its number.
    pub(super) fn add(&mut self, name: &'t str) -> usize {
        self.packages.push(Package { name, ..Package::default() });
        self.packages.len() - 1
    }

    /// The project itself asks for a package, for this.
    pub(super) fn ask(&mut self, number: usize, scope: Scope) {
        self.knows_direct = true;
        if let Some(package) = self.packages.get_mut(number) {
            package.direct = package.direct.into_iter().chain([scope]).min();
        }
    }

    /// One package needs another; with [`Scope::Optional`], it can do without.
    pub(super) fn need(&mut self, from: usize, to: usize, scope: Scope) {
        if from == to {
            return;
        }
        let Some(package) = self.packages.get_mut(from) else { return };
        package.needs.push((to, scope));
        let name = package.name;
        if let Some(package) = self.packages.get_mut(to) {
            package.by.insert(name);
        }
    }

    /// Follows what the project asks for to everything that is needed for it.
    pub(super) fn settle(&mut self) {
        for scope in [Scope::Runtime, Scope::Unknown, Scope::Optional, Scope::Build, Scope::Dev] {
            let is_asked = |package: &Package<'_>| package.direct == Some(scope);
            let asked = self.packages.iter().enumerate().filter(|(_, package)| is_asked(package));
            let mut waiting: Vec<usize> = asked.map(|(number, _)| number).collect();
            // What the scopes before this one reached only by a need that is of this one.
            let late =
                self.packages.iter().filter(|package| package.scope.is_some_and(|known| known < scope));
            let late = late.flat_map(|package| &package.needs).filter(|(_, need)| *need == scope);
            waiting.extend(late.map(|(number, _)| *number));
            while let Some(number) = waiting.pop() {
                let Some(package) = self.packages.get_mut(number) else { continue };
                if package.scope.is_some() {
                    continue;
                }
                package.scope = Some(scope);
                waiting.extend(package.needs.iter().filter(|(_, need)| *need <= scope).map(|(to, _)| *to));
            }
        }
    }

    /// The component of a package with what is known of it here. Its own scope stays where none is.
    pub(super) fn apply(&self, number: usize, component: Component) -> Component {
        let Some(package) = self.packages.get(number) else { return component };
        let mut component = component.pulled_in_by(package.by.iter().copied());
        component.pulled_in_by.direct = package.direct.is_some();
        match package.scope {
            Some(scope) => component.scoped(scope),
            None => component,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::component::Registry;

    #[test]
    fn what_is_needed_counts_for_the_most_that_it_is_needed_for() {
        let mut graph = Graph::default();
        let [app, test, both, extra, nobody] =
            ["app", "test", "both", "extra", "nobody"].map(|name| graph.add(name));
        graph.ask(app, Scope::Runtime);
        graph.ask(test, Scope::Dev);
        graph.need(test, both, Scope::Runtime);
        graph.need(app, both, Scope::Runtime);
        graph.need(app, extra, Scope::Optional);
        graph.need(both, app, Scope::Runtime);
        graph.need(nobody, nobody, Scope::Runtime);
        graph.settle();
        let component =
            |number| graph.apply(number, Registry::Npm.component("x", None).expect("a component"));
        let scopes = [app, test, both, extra, nobody].map(|number| component(number).scope);
        assert_eq!(scopes, [Scope::Runtime, Scope::Dev, Scope::Runtime, Scope::Optional, Scope::Unknown]);
        assert!(component(both).pulled_in_by.names.iter().eq(["app", "test"]));
        assert!(component(app).pulled_in_by.direct && !component(both).pulled_in_by.direct);
    }
}
