//! What a component is there for: whether it is there for the sake of a product alone.

use std::collections::{BTreeMap, BTreeSet};

use crate::component::Component;

/// How many components are looked at for one question.
const MOST_STEPS: usize = 10_000;

/// Components by the name by which others are said to be pulled in by them.
pub(crate) struct Ancestors<'c> {
    components: &'c [Component],
    by_name: BTreeMap<&'c str, Vec<usize>>,
}

impl<'c> Ancestors<'c> {
    pub(crate) fn of(components: &'c [Component]) -> Self {
        let mut by_name: BTreeMap<&str, Vec<usize>> = BTreeMap::new();
        for (number, component) in components.iter().enumerate() {
            by_name.entry(&component.name).or_default().push(number);
        }
        Self { components, by_name }
    }

    /// Whether every way from a project to a component is known and leads through what is a product.
    pub(crate) fn is_only_through(&self, number: usize, is_product: &dyn Fn(&Component) -> bool) -> bool {
        let (mut open, mut seen) = (vec![number], BTreeSet::from([number]));
        while let Some(number) = open.pop() {
            let Some(component) = self.components.get(number) else { return false };
            if is_product(component) {
                continue;
            }
            if seen.len() > MOST_STEPS || !self.step(component, is_product, &mut open, &mut seen) {
                return false;
            }
        }
        true
    }

    /// Goes on to those that pulled a component in; false where one of its ways is not known or is the project's own.
    fn step(
        &self,
        component: &Component,
        is_product: &dyn Fn(&Component) -> bool,
        open: &mut Vec<usize>,
        seen: &mut BTreeSet<usize>,
    ) -> bool {
        let files: BTreeSet<&str> = component.found.iter().map(|found| &*found.path).collect();
        let is_near = |one: &Component| one.found.iter().any(|found| files.contains(&*found.path));
        if component.pulled_in_by.direct && !self.is_of_product(&files, is_product) {
            return false;
        }
        if component.pulled_in_by.names.is_empty() {
            return component.pulled_in_by.direct;
        }
        component.pulled_in_by.names.iter().all(|name| {
            let named = self.by_name.get(name.as_str()).into_iter().flatten().copied();
            let near: Vec<usize> =
                named.filter(|number| self.components.get(*number).is_some_and(is_near)).collect();
            open.extend(near.iter().copied().filter(|number| seen.insert(*number)));
            !near.is_empty()
        })
    }

    /// Whether each of these files lists a product that is of no registry: the project itself.
    fn is_of_product(&self, files: &BTreeSet<&str>, is_product: &dyn Fn(&Component) -> bool) -> bool {
        let own = self.components.iter().filter(|one| one.ecosystem.is_none() && is_product(one));
        let own: BTreeSet<&str> = own.flat_map(|one| &one.found).map(|found| &*found.path).collect();
        files.is_subset(&own)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::component::{Found, Place, Registry};

    fn component(name: &str, by: &[&str]) -> Component {
        let component = Registry::PyPi.component(name, Some("1")).expect("a component");
        let mut component = component.pulled_in_by(by.iter().copied());
        let evidence = floodmark_case::EvidenceId::of(b"lock");
        component.found.insert(Found { path: "lock".into(), place: Place::Whole, evidence, layer: None });
        component
    }

    #[test]
    fn a_component_is_there_for_a_product_only_if_no_way_leads_around_it() {
        let components = [
            component("project", &[]).unregistered(),
            component("product", &[]).direct(),
            component("other", &[]).direct(),
            component("inner", &["product", "round"]),
            component("round", &["inner"]),
            component("shared", &["inner", "other"]),
            component("lost", &["nobody"]),
            component("bare", &[]),
        ];
        let ancestors = Ancestors::of(&components);
        let only = |through: &str| -> Vec<&str> {
            let is_through = |number: &usize| ancestors.is_only_through(*number, &|one| one.name == through);
            let through = (0..components.len()).filter(is_through);
            through.map(|number| components[number].name.as_str()).collect()
        };
        assert_eq!(only("product"), ["product", "inner", "round"]);
        assert_eq!(only("project"), ["project", "product", "other", "inner", "round", "shared"]);
        assert_eq!(only("nothing"), Vec::<&str>::new());
    }
}
