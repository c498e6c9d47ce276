//! From a question to its answer: hickory's catalog over the one zone concerned, unless a rule says otherwise.

use super::course::{Course, Referral};
use super::misbehave::Fault;
use super::zones::Zones;
use hickory_server::net::runtime::Time;
use hickory_server::net::xfer::Protocol;
use hickory_server::proto::op::{Header, HeaderCounts, Metadata, ResponseCode};
use hickory_server::proto::rr::{Record, RecordType};
use hickory_server::server::{Request, RequestHandler, ResponseHandler, ResponseInfo};
use hickory_server::zone_handler::{Catalog, MessageResponseBuilder};
use std::iter::empty;
use std::sync::Arc;

/// Answers questions from the zones.
pub(super) struct Handler(pub(super) Arc<Zones>);

#[async_trait::async_trait]
impl RequestHandler for Handler {
    async fn handle_request<R: ResponseHandler, T: Time>(&self, request: &Request, mut to: R) -> ResponseInfo {
        let mut catalog = Catalog::new();
        if let Ok(info) = request.request_info() {
            let found = self.0.find(info.query.name(), info.query.query_type());
            let fault = self.0.ask(info.query.name(), info.query.query_type());
            let mut said = Metadata::response_from_request(&request.metadata);
            match fault {
                Some(Fault::Bogus) if !request.metadata.checking_disabled => {
                    return bare(request, said, ResponseCode::ServFail, None, &mut to).await;
                }
                Some(Fault::NotAuthoritative) => {
                    return bare(request, said, ResponseCode::NoError, None, &mut to).await;
                }
                Some(Fault::Silence) => return nothing(said),
                Some(Fault::ServFail) => return bare(request, said, ResponseCode::ServFail, None, &mut to).await,
                Some(Fault::Refused) => return bare(request, said, ResponseCode::Refused, None, &mut to).await,
                Some(Fault::NxDomain) => {
                    said.authoritative = true;
                    let soa = found.as_ref().map(|found| &found.soa);
                    return bare(request, said, ResponseCode::NXDomain, soa, &mut to).await;
                }
                Some(Fault::Truncated) if info.protocol == Protocol::Udp => {
                    said.truncation = true;
                    return bare(request, said, ResponseCode::NoError, None, &mut to).await;
                }
                Some(Fault::Slow(delay)) => tokio::time::sleep(delay).await,
                Some(Fault::Truncated | Fault::Bogus) | None => {}
            }
            // Above its zones nobody here says who may issue certificates.
            if found.is_none() && info.query.query_type() == RecordType::CAA && self.0.above(info.query.name()) {
                said.authoritative = true;
                return bare(request, said, ResponseCode::NoError, None, &mut to).await;
            }
            if let Some(found) = found {
                let no = match &found.course {
                    Course::Records => None,
                    Course::Referral(referral) => return refer(request, said, referral, &mut to).await,
                    Course::NoData => Some(ResponseCode::NoError),
                    Course::NxDomain => Some(ResponseCode::NXDomain),
                };
                if let Some(code) = no {
                    said.authoritative = true;
                    return bare(request, said, code, Some(&found.soa), &mut to).await;
                }
                catalog.upsert(found.origin, vec![found.handler]);
            }
        }
        catalog.handle_request::<R, T>(request, to).await
    }
}

/// An answer without records, but for the SOA where there is one.
async fn bare(
    request: &Request,
    mut said: Metadata,
    code: ResponseCode,
    soa: Option<&Record>,
    to: &mut impl ResponseHandler,
) -> ResponseInfo {
    said.response_code = code;
    let answer = MessageResponseBuilder::new(&request.queries, None).build(said, empty(), empty(), soa, empty());
    // A client that has left needs no answer.
    to.send_response(answer).await.unwrap_or_else(|_| nothing(said))
}

/// "Ask over there": the servers of the zone below, without authority (RFC 1034 section 4.3.2).
async fn refer(request: &Request, said: Metadata, referral: &Referral, to: &mut impl ResponseHandler) -> ResponseInfo {
    let servers = referral.servers.records_without_rrsigs();
    let answer = MessageResponseBuilder::new(&request.queries, None);
    let answer = answer.build(said, empty(), servers, empty(), referral.glue());
    to.send_response(answer).await.unwrap_or_else(|_| nothing(said))
}

/// What hickory asks to be told, though nothing was sent.
fn nothing(said: Metadata) -> ResponseInfo {
    Header { metadata: said, counts: HeaderCounts::default() }.into()
}
