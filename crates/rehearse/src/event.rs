//! One CloudTrail record, written as JSON by hand.
//!
//! Fields and their forms follow the AWS CloudTrail User Guide, "CloudTrail record contents".

use crate::calendar::{Moment, iso};
use crate::identity::Caller;
use crate::rng::{ALNUM, BASE64, Rng, UPPER};

/// What sort of record it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Sort {
    /// A management call that reads.
    Read,
    /// A management call that writes.
    Write,
    /// A data event that reads.
    DataRead,
    /// A data event that writes.
    DataWrite,
    /// A sign-in to the console.
    SignIn,
    /// Something that a service did by itself.
    Service,
}

impl Sort {
    const fn reads(self) -> bool {
        matches!(self, Self::Read | Self::DataRead)
    }

    const fn is_management(self) -> bool {
        !matches!(self, Self::DataRead | Self::DataWrite)
    }

    const fn event_type(self) -> &'static str {
        match self {
            Self::SignIn => "AwsConsoleSignIn",
            Self::Service => "AwsServiceEvent",
            _ => "AwsApiCall",
        }
    }
}

/// One record. Texts that are JSON stand as they go into the log; an empty one is `null` or left out.
#[derive(Debug, Clone)]
pub(crate) struct Event<'a> {
    pub(crate) at: Moment,
    pub(crate) caller: &'a Caller,
    /// `iam` for `iam.amazonaws.com`.
    pub(crate) source: &'a str,
    pub(crate) name: &'a str,
    pub(crate) sort: Sort,
    pub(crate) region: &'a str,
    /// The account in whose log it stands.
    pub(crate) recipient: &'a str,
    pub(crate) request: &'a str,
    pub(crate) response: &'a str,
    /// The inside of `additionalEventData`, without braces.
    pub(crate) extra: &'a str,
    /// The inside of `resources`, without brackets.
    pub(crate) resources: &'a str,
    pub(crate) error: &'a str,
    pub(crate) message: &'a str,
    /// The `sharedEventID`.
    pub(crate) shared: &'a str,
    /// The host that the client named; empty where there was no TLS.
    pub(crate) host: &'a str,
    pub(crate) endpoint: &'a str,
}

#[derive(Clone, Copy)]
enum Field {
    Version,
    Identity,
    Time,
    Source,
    Name,
    Region,
    Address,
    Agent,
    Error,
    Request,
    Response,
    Extra,
    RequestId,
    EventId,
    ReadOnly,
    Resources,
    Type,
    Management,
    Recipient,
    Shared,
    Endpoint,
    Category,
    Tls,
}

use Field::{
    Address, Agent, Category, Endpoint, Error, EventId, Extra, Identity, Management, Name, ReadOnly,
    Recipient, Region, Request, RequestId, Resources, Response, Shared, Source, Time, Tls, Type, Version,
};

/// The order in which nearly all services write.
const USUAL: [Field; 23] = [
    Version, Identity, Time, Source, Name, Region, Address, Agent, Error, Request, Response, Extra,
    RequestId, EventId, ReadOnly, Resources, Type, Management, Recipient, Shared, Endpoint, Category, Tls,
];
/// What some write instead.
const OTHER: [Field; 23] = [
    Version, Identity, Time, Source, Name, Region, Address, Agent, Request, Response, Error, Extra, EventId,
    RequestId, Resources, ReadOnly, Type, Recipient, Management, Category, Shared, Endpoint, Tls,
];

impl Event<'_> {
    /// Appends the record. `rng` gives its ids and the small differences.
    pub(crate) fn write(&self, rng: &mut Rng, out: &mut String) {
        let order = if rng.permille(120) { &OTHER } else { &USUAL };
        out.push('{');
        for &field in order {
            self.field(field, rng, out);
        }
        if out.ends_with(',') {
            out.pop();
        }
        out.push('}');
    }

    fn field(&self, field: Field, rng: &mut Rng, out: &mut String) {
        match field {
            Version => {
                let version = if self.sort.is_management() {
                    ["1.11", "1.11", "1.09", "1.08", "1.10"]
                } else {
                    ["1.11"; 5]
                };
                quoted("eventVersion", rng.pick::<&str>(&version), out);
            }
            Identity => raw("userIdentity", &self.caller.identity, out),
            Time => {
                out.push_str("\"eventTime\":\"");
                iso(self.at, out);
                out.push_str("\",");
            }
            Source => {
                out.push_str("\"eventSource\":\"");
                out.push_str(self.source);
                out.push_str(".amazonaws.com\",");
            }
            Name => quoted("eventName", self.name, out),
            Region => quoted("awsRegion", self.region, out),
            Address => quoted("sourceIPAddress", &self.caller.address, out),
            Agent => quoted("userAgent", &self.caller.agent, out),
            Error if self.error.is_empty() => {}
            Error => {
                quoted("errorCode", self.error, out);
                quoted("errorMessage", self.message, out);
            }
            Request => raw("requestParameters", or_null(self.request), out),
            Response => raw(
                "responseElements",
                if self.error.is_empty() { or_null(self.response) } else { "null" },
                out,
            ),
            Extra if self.extra.is_empty() => {}
            Extra => {
                out.push_str("\"additionalEventData\":{");
                out.push_str(self.extra);
                out.push_str("},");
            }
            RequestId => self.request_id(rng, out),
            EventId => {
                out.push_str("\"eventID\":\"");
                rng.uuid(out);
                out.push_str("\",");
            }
            ReadOnly => raw("readOnly", bool_text(self.sort.reads()), out),
            Resources if self.resources.is_empty() => {}
            Resources => {
                out.push_str("\"resources\":[");
                out.push_str(self.resources);
                out.push_str("],");
            }
            Type => quoted("eventType", self.sort.event_type(), out),
            Management => raw("managementEvent", bool_text(self.sort.is_management()), out),
            Recipient => quoted("recipientAccountId", self.recipient, out),
            Shared if self.shared.is_empty() => {}
            Shared => quoted("sharedEventID", self.shared, out),
            Endpoint if self.endpoint.is_empty() => {}
            Endpoint => quoted("vpcEndpointId", self.endpoint, out),
            Category => {
                let category = if self.sort.is_management() { "Management" } else { "Data" };
                quoted("eventCategory", category, out);
            }
            Tls => self.tls(rng, out),
        }
    }

    fn request_id(&self, rng: &mut Rng, out: &mut String) {
        if self.sort == Sort::SignIn || self.sort == Sort::Service {
            return;
        }
        out.push_str("\"requestID\":\"");
        match self.source {
            "s3" => rng.letters(16, UPPER, out),
            "dynamodb" => rng.letters(52, UPPER, out),
            _ => rng.uuid(out),
        }
        out.push_str("\",");
    }

    fn tls(&self, rng: &mut Rng, out: &mut String) {
        if self.host.is_empty() || self.sort == Sort::Service {
            return;
        }
        out.push_str(if rng.permille(850) {
            "\"tlsDetails\":{\"tlsVersion\":\"TLSv1.3\",\"cipherSuite\":\"TLS_AES_128_GCM_SHA256\",\"clientProvidedHostHeader\":\""
        } else {
            "\"tlsDetails\":{\"tlsVersion\":\"TLSv1.2\",\"cipherSuite\":\"ECDHE-RSA-AES128-GCM-SHA256\",\"clientProvidedHostHeader\":\""
        });
        out.push_str(self.host);
        out.push_str("\"},");
    }
}

/// The inside of `additionalEventData` of an S3 call.
pub(crate) fn s3_extra(rng: &mut Rng, bytes_in: u64, bytes_out: u64, out: &mut String) {
    out.push_str(
        "\"SignatureVersion\":\"SigV4\",\"CipherSuite\":\"TLS_AES_128_GCM_SHA256\",\"bytesTransferredIn\":",
    );
    out.push_str(&bytes_in.to_string());
    out.push_str(
        ",\"SSEApplied\":\"Default_SSE_S3\",\"AuthenticationMethod\":\"AuthHeader\",\"x-amz-id-2\":\"",
    );
    rng.letters(76, BASE64, out);
    out.push_str("\",\"bytesTransferredOut\":");
    out.push_str(&bytes_out.to_string());
}

/// The JSON of the `credentials` in an answer of STS.
pub(crate) fn credentials(key: &str, until: Moment, rng: &mut Rng, out: &mut String) {
    out.push_str("\"credentials\":{\"accessKeyId\":\"");
    out.push_str(key);
    out.push_str("\",\"sessionToken\":\"IQoJb3JpZ2luX2VjE");
    rng.letters(180, ALNUM, out);
    out.push_str("==\",\"expiration\":\"");
    crate::calendar::american(until, out);
    out.push_str("\"}");
}

fn or_null(json: &str) -> &str {
    if json.is_empty() { "null" } else { json }
}

fn bool_text(value: bool) -> &'static str {
    if value { "true" } else { "false" }
}

fn quoted(key: &str, text: &str, out: &mut String) {
    out.push('"');
    out.push_str(key);
    out.push_str("\":\"");
    out.push_str(text);
    out.push_str("\",");
}

fn raw(key: &str, json: &str, out: &mut String) {
    out.push('"');
    out.push_str(key);
    out.push_str("\":");
    out.push_str(json);
    out.push(',');
}
