//! Rule `ref-shortcut`.

use crate::finding::{Confidence, Evidence, Finding, Fix};
use crate::model::attempt::Attempt;
use crate::model::kinship::Told;
use crate::model::ticket_request::TicketRequest;
use crate::rules::rule::declare_rule;
use crate::rules::{command, no_route};

declare_rule! {
    /// ## What it means
    ///
    /// A KDC refers the client straight to a domain of the same forest to which the tree of domains would lead by way of
    /// others: the two have a shortcut trust. Nothing is wrong with that; should it break, only what goes between these
    /// two domains fails.
    ///
    /// ## How it shows
    ///
    /// A referral between two domains that are told to be of one forest, where neither is the other's parent, and which is
    /// not the way between the roots of two trees.
    ///
    /// ## What else it could be
    ///
    /// A domain may have been named like a child of a domain that it is no child of.
    ///
    /// ## What to do
    ///
    /// Nothing. Where tickets between these two domains fail, verify that trust.
    pub(in crate::rules) static REF_SHORTCUT = {
        id: "ref-shortcut",
        summary: "a shortcut trust between two domains of a forest is used",
        severity: Note,
        stage: Referral,
        owner: Directory,
        sources: ["MS-KILE section 3.3.5.7", "RFC 6806 section 8"],
        since: "0.1.0",
        supersedes: [],
        check: Attempt(check),
    }
}

fn check(attempt: &Attempt) -> Option<Finding> {
    attempt
        .referrals()
        .filter(|(request, _)| request.referral().is_some())
        .find_map(|(request, next)| shortcut(attempt, request, next))
}

fn shortcut(attempt: &Attempt, request: &TicketRequest, next: &str) -> Option<Finding> {
    let from = request.ticket()?.realm.as_str();
    let (of_from, of_next) = (attempt.forest_of(from)?, attempt.forest_of(next)?);
    let forest = of_from.forest;
    if !forest.eq_ignore_ascii_case(of_next.forest)
        || from.eq_ignore_ascii_case(next)
        || !leaves_the_tree(attempt, from, next, forest)
    {
        return None;
    }
    Some(Finding {
        title: format!("A shortcut trust leads from {from} to {next}"),
        explanation: format!(
            "The KDC of {from} refers the client straight to {next}. Both are domains of the forest {forest}, and neither is the parent of the other: they have a trust of their own. Where it breaks, only what goes between these two domains fails."
        ),
        evidence: evidence(request, next, [(from, of_from), (next, of_next)])?,
        fix: vec![Fix::new(
            "Verify that trust, where tickets between these two domains fail",
            command::argument(from)
                .zip(command::argument(next))
                .map(|(from, next)| format!("netdom trust {from} /domain:{next} /verify")),
        )],
        ..REF_SHORTCUT.finding(Confidence::Likely)
    })
}

fn evidence(
    request: &TicketRequest,
    next: &str,
    told: [(&str, Told<'_>); 2],
) -> Option<Vec<Evidence>> {
    let referral = Evidence::new(request.answered_in()?, format!("refers to {next}"));
    let told = told.map(|(domain, told)| no_route::evidence(domain, told));
    Some(std::iter::once(referral).chain(told).collect())
}

/// Whether no trust between parent and child, or between the roots of two trees, leads from one domain to the other. The root
/// of the forest has a trust with the root of each tree, and only a domain whose parent is known is no such root.
fn leaves_the_tree(attempt: &Attempt, from: &str, next: &str, forest: &str) -> bool {
    let of_tree_root = |root: &str, other: &str| {
        let parent = other.split_once('.').map(|(_, parent)| parent);
        root.eq_ignore_ascii_case(forest)
            && !parent.is_some_and(|parent| is_known(attempt, parent, forest))
    };
    !is_child(from, next)
        && !is_child(next, from)
        && !of_tree_root(from, next)
        && !of_tree_root(next, from)
}

fn is_known(attempt: &Attempt, domain: &str, forest: &str) -> bool {
    attempt
        .forest_of(domain)
        .is_some_and(|told| told.forest.eq_ignore_ascii_case(forest))
}

/// Whether `name` is `parent` with one label before it.
fn is_child(name: &str, parent: &str) -> bool {
    name.split_once('.')
        .is_some_and(|(_, rest)| rest.eq_ignore_ascii_case(parent))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::frame::FrameNumber;
    use crate::rules::testing::{SERVICE, issued, tgs};

    /// Whether it fires on a referral from `from` to `next`, where `domains` are told to be of the forest ROOT.LAB.
    fn fires(from: &str, next: &str, domains: &[&str]) -> bool {
        let mut seen = crate::rules::testing::attempt(60);
        let service = tgs(3, from, SERVICE);
        seen.tickets = vec![issued(service, &format!("krbtgt/{next}"))];
        for domain in domains {
            let forests = &mut seen.around.forests;
            forests.add(domain, "root.lab", FrameNumber(1), "CLDAP answer");
        }
        check(&seen).is_some()
    }

    #[test]
    fn siblings_have_no_other_trust_than_a_shortcut() {
        let domains = ["a.root.lab", "b.root.lab"];
        assert!(fires("A.ROOT.LAB", "B.ROOT.LAB", &domains));
        assert!(!fires("A.ROOT.LAB", "B.ROOT.LAB", &domains[..1]));
        assert!(!fires("A.ROOT.LAB", "ROOT.LAB", &domains));
        assert!(!fires("ROOT.LAB", "B.ROOT.LAB", &domains));
    }

    #[test]
    fn a_way_past_the_parent_is_one_where_the_parent_is_known() {
        let deep = ["x.a.root.lab", "a.root.lab"];
        assert!(fires("X.A.ROOT.LAB", "ROOT.LAB", &deep));
        assert!(!fires("X.A.ROOT.LAB", "ROOT.LAB", &deep[..1]));
        assert!(!fires("X.A.ROOT.LAB", "A.ROOT.LAB", &deep));
        let deeper = ["y.x.a.root.lab", "a.root.lab"];
        assert!(fires("Y.X.A.ROOT.LAB", "A.ROOT.LAB", &deeper));
    }

    #[test]
    fn the_roots_of_two_trees_trust_each_other_anyway() {
        let trees = ["tree.example", "child.tree.example"];
        assert!(!fires("TREE.EXAMPLE", "ROOT.LAB", &trees));
        assert!(!fires("ROOT.LAB", "TREE.EXAMPLE", &trees));
        assert!(fires("CHILD.TREE.EXAMPLE", "ROOT.LAB", &trees));
        assert!(fires("ROOT.LAB", "CHILD.TREE.EXAMPLE", &trees));
    }

    #[test]
    fn a_referral_to_another_forest_is_none() {
        assert!(!fires("A.ROOT.LAB", "OTHER.LAB", &["a.root.lab"]));
    }
}
