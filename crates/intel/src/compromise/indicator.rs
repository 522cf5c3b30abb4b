//! What gives an incident away.

use schemars::JsonSchema;
use serde::Deserialize;

use super::incident::{Citation, Standing};
use super::text::Key;

/// A value that shows in logs, on disks or in repositories.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Indicator {
    /// The value, as it shows.
    pub value: String,
    /// How it is compared.
    #[serde(default)]
    pub matches: Match,
    /// What it served for.
    #[serde(default)]
    pub role: Option<String>,
    /// Who says so.
    pub sources: Vec<Citation>,
    /// Whether it is believed.
    #[serde(default)]
    pub standing: Standing,
    /// The conflict of which it is one side.
    #[serde(default)]
    pub conflict: Option<Key>,
    /// What one should know about it: above all, who else shows it innocently.
    #[serde(default)]
    pub note: Option<String>,
}

/// How an indicator is compared.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum Match {
    /// The whole value; of a domain, also its subdomains.
    #[default]
    Whole,
    /// The whole value, in which `*` stands for any text.
    Glob,
    /// Anywhere within.
    Within,
}

/// What an indicator is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum IndicatorKind {
    /// A host name; its subdomains count.
    Domain,
    /// An IP address.
    Ip,
    /// A host or address with a port.
    Endpoint,
    /// A URL, with or without its scheme.
    Url,
    /// A header of HTTP.
    HttpHeader,
    /// A user agent.
    UserAgent,
    /// A file by its path; `~` is a home.
    FilePath,
    /// A file by its name.
    FileName,
    /// A process or command.
    Process,
    /// What starts it again.
    Persistence,
    /// A container, a pod or a set of them.
    Container,
    /// The name of a repository.
    RepositoryName,
    /// The description of a repository.
    RepositoryDescription,
    /// The file of a workflow.
    Workflow,
    /// A branch.
    Branch,
    /// The tag of a release.
    ReleaseTag,
    /// The message of a commit.
    CommitMessage,
    /// An account of a code host.
    Account,
}

/// Declares a section: its lists with their kinds.
macro_rules! section {
    ($(#[$doc:meta])* $name:ident { $($(#[$list_doc:meta])* $list:ident: $kind:ident,)* }) => {
        $(#[$doc])*
        #[derive(Debug, Clone, PartialEq, Eq, Default, Deserialize, JsonSchema)]
        #[serde(deny_unknown_fields, rename_all = "kebab-case")]
        pub struct $name {
            $($(#[$list_doc])* #[serde(default)] pub $list: Vec<Indicator>,)*
        }

        impl $name {
            /// The lists with their kinds.
            pub(crate) fn lists(&self) -> Vec<(IndicatorKind, &[Indicator])> {
                vec![$((IndicatorKind::$kind, self.$list.as_slice())),*]
            }

            /// The list of a kind, if it belongs here.
            pub(crate) fn list(&self, kind: IndicatorKind) -> Option<&[Indicator]> {
                match kind {
                    $(IndicatorKind::$kind => Some(&self.$list),)*
                    _ => None,
                }
            }

            /// The lists with their keys in the file.
            pub(crate) const KEYS: &'static [&'static str] = &[$(stringify!($list)),*];
        }
    };
}

section!(
    /// What shows in traffic.
    Network {
        /// Host names; their subdomains count.
        domain: Domain,
        /// IP addresses.
        ip: Ip,
        /// Hosts or addresses with a port.
        endpoint: Endpoint,
        /// URLs, with or without their scheme.
        url: Url,
        /// Headers of HTTP, `Name: value`.
        http_header: HttpHeader,
        /// User agents.
        user_agent: UserAgent,
    }
);

section!(
    /// What shows on a machine.
    Host {
        /// Files by their path; `~` is a home.
        file_path: FilePath,
        /// Files by their name.
        file_name: FileName,
        /// Processes and commands.
        process: Process,
        /// What starts it again: units, run keys, jobs.
        persistence: Persistence,
        /// Containers, pods and sets of them.
        container: Container,
    }
);

section!(
    /// What shows in a code host's repositories.
    Repository {
        /// Names of repositories, without their owner.
        name: RepositoryName,
        /// Descriptions of repositories.
        description: RepositoryDescription,
        /// Files of workflows.
        workflow: Workflow,
        /// Branches.
        branch: Branch,
        /// Tags of releases.
        release_tag: ReleaseTag,
        /// Messages of commits.
        commit_message: CommitMessage,
        /// Accounts.
        account: Account,
    }
);
