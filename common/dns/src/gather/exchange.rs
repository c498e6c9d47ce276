//! One question on the wire, and its answer.

use std::{net::SocketAddr, time::Duration};

use hickory_net::{
    DnsHandle, NetError,
    proto::{
        op::{DnsRequest, DnsRequestOptions, DnsResponse, Message, Query, ResponseCode},
        rr,
    },
    runtime::TokioRuntimeProvider,
    tcp::TcpClientStream,
    udp::UdpClientStream,
    xfer::{DnsRequestSender, FirstAnswer},
};
use tokio::time::timeout;

use super::name::wire;
use crate::{RecordType, Trouble};

/// The largest answer that is taken by UDP, in bytes: it passes every network in one piece (RFC 9715).
const PAYLOAD: u16 = 1232;

/// How a question is put.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(super) enum Manner {
    /// To a server that holds the zone: what it does not know itself, it is not to look for.
    Authority,
    /// To a resolver: it is to find the answer.
    Resolver,
    /// To a resolver that is not to check signatures (RFC 4035 section 3.2.2).
    Unchecked,
}

/// A question.
#[derive(Debug, Clone, Copy)]
pub(super) struct Question<'a> {
    pub(super) name: &'a str,
    pub(super) kind: RecordType,
    pub(super) manner: Manner,
}

impl Question<'_> {
    fn request(self, edns: bool) -> Option<DnsRequest> {
        let query = Query::query(wire(self.name)?, kind_on_wire(self.kind));
        let mut options = DnsRequestOptions::default();
        (options.use_edns, options.edns_payload_len) = (edns, PAYLOAD);
        options.recursion_desired = self.manner != Manner::Authority;
        let (mut message, options) = DnsRequest::from_query(query, options).into_parts();
        message.metadata.checking_disabled = self.manner == Manner::Unchecked;
        Some(DnsRequest::new(message, options))
    }
}

/// Puts a question by UDP, and once more in the old way to a server that does not know EDNS (RFC 6891 section 7). Id,
/// sender and question of the answer fit.
pub(super) async fn by_udp(to: SocketAddr, question: Question<'_>, patience: Duration) -> Result<Message, Trouble> {
    let answer = udp(to, question.request(true), patience).await?;
    if matches!(answer.metadata.response_code, ResponseCode::FormErr | ResponseCode::NotImp) {
        return udp(to, question.request(false), patience).await;
    }
    Ok(answer)
}

async fn udp(to: SocketAddr, request: Option<DnsRequest>, patience: Duration) -> Result<Message, Trouble> {
    let request = request.ok_or(Trouble::Malformed)?;
    let mut stream = UdpClientStream::builder(to, TokioRuntimeProvider::default())
        .with_timeout(Some(patience))
        .with_max_retries(1)
        .with_os_port_selection(true)
        .build();
    stream.send_message(request).first_answer().await.map(DnsResponse::into_message).map_err(|error| trouble(&error))
}

/// Puts a question by TCP, on a connection of its own.
pub(super) async fn by_tcp(to: SocketAddr, question: Question<'_>, patience: Duration) -> Result<Message, Trouble> {
    let request = question.request(true).ok_or(Trouble::Malformed)?;
    let asked = request.queries.clone();
    // The connection's own task ends with this.
    let runtime = TokioRuntimeProvider::default();
    let answer = async {
        let connection = TcpClientStream::exchange(to, None, patience, None, runtime.clone()).await?;
        connection.send(request).first_answer().await
    };
    let answer = timeout(patience, answer).await.map_err(|_| Trouble::TimeOut)?.map_err(|error| trouble(&error))?;
    // hickory compares the question of what comes by UDP only.
    if answer.queries == asked { Ok(answer.into_message()) } else { Err(Trouble::Malformed) }
}

fn trouble(error: &NetError) -> Trouble {
    match error {
        NetError::Timeout => Trouble::TimeOut,
        NetError::Io(_) | NetError::NoConnections | NetError::Busy => Trouble::Unreachable,
        _ => Trouble::Malformed,
    }
}

/// The type as the wire has it.
pub(super) fn kind_on_wire(kind: RecordType) -> rr::RecordType {
    match kind {
        RecordType::Txt => rr::RecordType::TXT,
        RecordType::Mx => rr::RecordType::MX,
        RecordType::Cname => rr::RecordType::CNAME,
        RecordType::A => rr::RecordType::A,
        RecordType::Aaaa => rr::RecordType::AAAA,
        RecordType::Ns => rr::RecordType::NS,
        RecordType::Soa => rr::RecordType::SOA,
        RecordType::Caa => rr::RecordType::CAA,
    }
}
