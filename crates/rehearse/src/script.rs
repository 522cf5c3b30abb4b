//! Events that are written one by one rather than drawn: the chores of people, and the acts of the intruder.

use crate::actor::Begun;
use crate::calendar::Moment;
use crate::event::{Event, Sort, s3_extra};
use crate::identity::{self, Caller, Holder, Role};
use crate::organisation::{Organisation, region};
use crate::rng::{Rng, word};

/// One written event.
#[derive(Debug, Clone)]
pub(crate) struct Line {
    pub(crate) at: Moment,
    pub(crate) account: usize,
    pub(crate) region: usize,
    pub(crate) json: String,
}

/// Written events, in the order of their times once [`Script::finish`] was called.
pub(crate) struct Script<'a> {
    pub(crate) org: &'a Organisation,
    pub(crate) rng: Rng,
    lines: Vec<Line>,
    /// How many of the lines tell again of a call that another tells, or tell what a service did by itself.
    pub(crate) asides: u64,
}

/// One event as it is being described.
pub(crate) struct Deed<'s, 'a> {
    script: &'s mut Script<'a>,
    caller: &'s Caller,
    call: &'s str,
    at: Moment,
    account: usize,
    region: usize,
    request: String,
    response: String,
    resources: String,
    extra: String,
    error: &'s str,
    message: String,
    shared: String,
    sort: Sort,
}

impl<'a> Script<'a> {
    /// An empty script, with its own stream.
    pub(crate) fn new(org: &'a Organisation, purpose: &str) -> Self {
        Self { org, rng: org.rng(&[word("script"), word(purpose)]), lines: Vec::new(), asides: 0 }
    }

    /// Describes a call (`iam:CreateUser`) into an account; [`Deed::put`] writes it.
    pub(crate) fn call<'s>(
        &'s mut self,
        at: Moment,
        account: usize,
        caller: &'s Caller,
        call: &'s str,
    ) -> Deed<'s, 'a> {
        let (service, name) = call.split_once(':').unwrap_or((call, ""));
        let region = match service {
            "iam" | "route53" | "cloudfront" | "organizations" => region::GLOBAL,
            _ => region::HOME,
        };
        let reads = ["Get", "List", "Describe", "Head", "Lookup", "AssumeRole", "BatchGet"];
        let sort = match name {
            "GetObject" | "ListObjects" | "HeadObject" => Sort::DataRead,
            "PutObject" | "DeleteObject" | "Invoke" => Sort::DataWrite,
            "ConsoleLogin" => Sort::SignIn,
            "GetFederationToken" => Sort::Write,
            _ if reads.iter().any(|start| name.starts_with(start)) => Sort::Read,
            _ => Sort::Write,
        };
        Deed {
            script: self,
            caller,
            call,
            at,
            account,
            region,
            request: String::new(),
            response: String::new(),
            resources: String::new(),
            extra: String::new(),
            error: "",
            message: String::new(),
            shared: String::new(),
            sort,
        }
    }

    /// A role session that begins by a call of somebody in an account; where the role is in another one, both logs
    /// tell it under one shared id. `principal` names the caller for the other log. Returns the session.
    pub(crate) fn assume(&mut self, step: &Assume<'_>) -> Caller {
        let org = self.org;
        let begun = Begun {
            role: step.role,
            session: step.session,
            key: step.key,
            at: step.at,
            region: region::HOME,
            hours: step.hours,
        };
        let (request, response, resources) = begun.texts(org, &mut self.rng);
        let mut shared = String::new();
        if step.role.account != step.asker_account || step.outside.is_some() {
            self.rng.uuid(&mut shared);
        }
        if step.outside.is_none() {
            self.asides += u64::from(!shared.is_empty());
            let own = shared.clone();
            let mut deed = self.call(step.at, step.asker_account, step.asker, "sts:AssumeRole");
            deed.shared = own;
            deed.request(request.clone()).response(response.clone()).resources(resources.clone()).put();
        }
        if !shared.is_empty() {
            let account = step.outside.unwrap_or_else(|| org.account(step.asker_account));
            let seen =
                identity::other_account(step.principal, account, &step.asker.address, &step.asker.agent);
            let mut deed = self.call(step.at, step.role.account, &seen, "sts:AssumeRole");
            deed.shared = shared;
            deed.request(request).response(response).resources(resources).put();
        }
        identity::session(org, step.role, step.session, step.key, step.at, &Holder::Asker)
            .at(&step.asker.address, &step.asker.agent)
    }

    /// A role session that a service hands to compute.
    pub(crate) fn hand_over(&mut self, at: Moment, role: &Role, session: &str, key: &str, host: &str) {
        let begun = Begun { role, session, key, at, region: region::HOME, hours: 6 };
        let (request, response, resources) = begun.texts(self.org, &mut self.rng);
        let service = identity::service(host);
        self.asides += 1;
        self.call(at, role.account, &service, "sts:AssumeRole")
            .request(request)
            .response(response)
            .resources(resources)
            .put();
    }

    /// Puts a record that is already JSON.
    pub(crate) fn raw(&mut self, at: Moment, account: usize, region: usize, json: String) {
        self.lines.push(Line { at, account, region, json });
    }

    /// The events, by time; those of one time stay in the order in which they were written.
    pub(crate) fn finish(self) -> Vec<Line> {
        let mut lines = self.lines;
        lines.sort_by_key(|line| line.at);
        lines
    }
}

/// A role that somebody assumes.
pub(crate) struct Assume<'a> {
    pub(crate) at: Moment,
    pub(crate) asker: &'a Caller,
    pub(crate) asker_account: usize,
    /// The unique id of the asker.
    pub(crate) principal: &'a str,
    /// The asker's account, where it is none of the organisation's.
    pub(crate) outside: Option<&'a str>,
    pub(crate) role: &'a Role,
    pub(crate) session: &'a str,
    pub(crate) key: &'a str,
    /// How long the session is valid.
    pub(crate) hours: u64,
}

impl Deed<'_, '_> {
    pub(crate) fn region(mut self, region: usize) -> Self {
        self.region = region;
        self
    }

    pub(crate) fn request(mut self, json: impl Into<String>) -> Self {
        self.request = json.into();
        self
    }

    pub(crate) fn response(mut self, json: impl Into<String>) -> Self {
        self.response = json.into();
        self
    }

    pub(crate) fn resources(mut self, json: impl Into<String>) -> Self {
        self.resources = json.into();
        self
    }

    pub(crate) fn extra(mut self, json: impl Into<String>) -> Self {
        self.extra = json.into();
        self
    }

    /// It was refused.
    pub(crate) fn denied(mut self, why: &str) -> Self {
        self.error = "AccessDenied";
        self.message = format!("User: {} is not authorized to perform: {} {why}", self.caller.arn, self.call);
        self
    }

    /// Writes the event.
    pub(crate) fn put(self) {
        let Deed { script, caller, call, at, account, region, .. } = self;
        let (source, name) = call.split_once(':').unwrap_or((call, ""));
        let region_name = script.org.regions[region];
        let host = match source {
            "iam" | "route53" | "organizations" => format!("{source}.amazonaws.com"),
            _ if caller.address.ends_with(".amazonaws.com") => String::new(),
            _ => format!("{source}.{region_name}.amazonaws.com"),
        };
        let mut extra = self.extra;
        if source == "s3" && extra.is_empty() {
            let out = script.rng.between(200, 2_000);
            s3_extra(&mut script.rng, 0, out, &mut extra);
        }
        let event = Event {
            at,
            caller,
            source,
            name,
            sort: self.sort,
            region: region_name,
            recipient: script.org.account(account),
            request: &self.request,
            response: &self.response,
            extra: &extra,
            resources: &self.resources,
            error: self.error,
            message: &self.message,
            shared: &self.shared,
            host: &host,
            endpoint: "",
            request_id: "",
        };
        let mut json = String::with_capacity(1400);
        event.write(&mut script.rng, &mut json);
        script.lines.push(Line { at, account, region, json });
    }
}
