//! Every finding's code, with one line of help.

/// Declares the codes: a finding can only be made with one of these, so the list is whole.
macro_rules! codes {
    ($($code:ident $name:literal $help:literal)*) => {
        /// What was found.
        #[derive(Debug, Clone, Copy, PartialEq, Eq)]
        pub(crate) enum Code { $(#[doc = $help] $code),* }

        impl Code {
            /// As programs read it.
            pub(crate) fn name(self) -> &'static str {
                match self { $(Self::$code => $name),* }
            }
        }

        /// Every code that a finding can have, with one line of help.
        pub const CODES: &[(&str, &str)] = &[$(($name, $help)),*];
    };
}

codes! {
    NotRegistered "not_registered" "The domain does not exist: its parent zone does not know it."
    LameDelegation "lame_delegation" "The domain is delegated to name servers that do not answer for it."
    LookupFailed "lookup_failed" "Nobody could be asked just now; this says nothing about the record."
    ServerDown "server_down" "One of the zone's name servers does not answer; the others do."
    ServersDisagree "servers_disagree" "Some of the zone's name servers have the record and some do not yet."
    PublicDiffers "public_differs" "Resolvers elsewhere still remember something else than the zone says."
    DnssecBogus "dnssec_bogus" "The zone's signatures do not hold, so resolvers that check them refuse its answers."
    Wildcard "wildcard" "The zone answers for any name, so a record may seem to be there and is the wildcard's."
    Proxied "proxied" "A proxy answers in place of the record."
    Missing "missing" "The record is not there."
    ZoneAppended "zone_appended" "The record is there with the zone appended to its name once more."
    WrongName "wrong_name" "The record is there under another name."
    WrongType "wrong_type" "The value is there as a record of another type."
    CnameInTheWay "cname_in_the_way" "A CNAME stands at the name; nothing can stand beside it."
    CnameChain "cname_chain" "The CNAMEs at the name go in a circle, or are too many."
    ValueDiffers "value_differs" "A record is there, with another value."
    ValueZoneAppended "value_zone_appended" "The host in the value has the zone appended to it."
    TextQuoted "text_quoted" "The quotes became a part of the text."
    TextEscaped "text_escaped" "Backslashes became a part of the text."
    TextCut "text_cut" "Only a part of the text is there."
    TextCase "text_case" "Upper and lower case of the text were changed."
    OwnershipOtherToken "ownership_other_token" "A text that shows ownership is there, with another token."
    DkimTwoRecords "dkim_two_records" "Two texts stand where one key must stand."
    DkimTruncated "dkim_truncated" "The key is cut off."
    DkimSplit "dkim_split" "The key was split into pieces wrongly."
    DkimCase "dkim_case" "Upper and lower case of the key were changed."
    DkimSpaces "dkim_spaces" "Characters of the key became spaces, or invisible characters came into it."
    DkimNoKey "dkim_no_key" "The text has no tag `p=`, which holds the key."
    DkimRevoked "dkim_revoked" "The tag `p=` is empty: the key is revoked."
    DkimOtherKey "dkim_other_key" "Another key is there."
    DkimAltered "dkim_altered" "Characters of the key are missing, or too many."
    DkimSyntax "dkim_syntax" "The text is no key record (RFC 6376 section 3.6.1)."
    DkimTags "dkim_tags" "The key's other tags do not let it be used."
    DkimTesting "dkim_testing" "The key says that it is only being tested."
    DkimWeak "dkim_weak" "The key is too short for receivers to accept it (RFC 8301)."
    SpfTwoRecords "spf_two_records" "Two SPF records stand where one may stand."
    SpfTooManyLookups "spf_too_many_lookups" "The SPF record needs more than 10 lookups."
    SpfVoidLookups "spf_void_lookups" "More than 2 names in the SPF record do not exist."
    SpfIncludeEmpty "spf_include_empty" "The SPF record includes a name that has no SPF record."
    SpfLoop "spf_loop" "The SPF record includes itself."
    SpfPlusAll "spf_plus_all" "The SPF record lets everybody send."
    SpfPtr "spf_ptr" "The SPF record uses `ptr`, which receivers may pass over."
    SpfSyntax "spf_syntax" "The SPF record cannot be read (RFC 7208)."
    SpfLacksInclude "spf_lacks_include" "The SPF record does not name the mail service."
    SpfRefuses "spf_refuses" "The SPF record names the mail service, and not with a pass."
    SpfAfterAll "spf_after_all" "What stands behind `all` is never read."
    MxNull "mx_null" "The MX record says that the name takes no mail (RFC 7505)."
    MxPriority "mx_priority" "The MX record has another preference."
    MxPriorityInHost "mx_priority_in_host" "The preference became a part of the host's name."
    MxRegion "mx_region" "The MX record points to the mail service's host in another region."
    MxOtherHost "mx_other_host" "The MX record points to another host."
    MxConflict "mx_conflict" "Another MX record stands beside the right one."
    CnameOtherTarget "cname_other_target" "The CNAME points to another name."
    CnameFlattened "cname_flattened" "The zone answers with the target's addresses in place of the CNAME."
    DmarcMissing "dmarc_missing" "There is no DMARC policy."
    DmarcInherited "dmarc_inherited" "The DMARC policy of a domain above applies."
    DmarcTwoRecords "dmarc_two_records" "Several DMARC records stand where one may stand; receivers read none."
    DmarcSyntax "dmarc_syntax" "The DMARC record cannot be read as it is meant (RFC 9989)."
    DmarcGoneTags "dmarc_gone_tags" "The DMARC record uses tags that RFC 9989 took away."
    DmarcStrictSpf "dmarc_strict_spf" "The DMARC policy wants the very same domain from SPF, so SPF cannot count."
    DmarcStrictDkim "dmarc_strict_dkim" "The DMARC policy wants the very same domain from DKIM, so DKIM cannot count."
    OtherPortal "other_portal" "The hostname's CNAME points to another portal of this platform."
    TargetTypo "target_typo" "The hostname's CNAME points to a name that is almost the right one."
    TargetUnresolved "target_unresolved" "The canonical host has no address just now; that is the platform's fault, not the tenant's."
    AddressElsewhere "address_elsewhere" "The hostname has addresses of its own, which lead somewhere else."
    AddressMixed "address_mixed" "Some of the hostname's addresses are the platform's, and some are not."
    AddressRecord "address_record" "The hostname has the platform's addresses where a CNAME could stand; it breaks when they change."
    StrayAaaa "stray_aaaa" "The hostname has an IPv6 address that is not the platform's; certificate authorities ask there first."
    OwnershipNeeded "ownership_needed" "The hostname has the platform's addresses, which do not show whose it is; a text has to."
    ApexNoCname "apex_no_cname" "The hostname is the top of its zone, where no CNAME can stand."
    RecordsInTheWay "records_in_the_way" "Other records stand at the hostname, so no CNAME can."
    CnameBesideOthers "cname_beside_others" "Other records stand beside the hostname's CNAME, which is not allowed."
    AcmeChallenge "acme_challenge" "A record for certificates by DNS stands below the hostname; the platform's do not need it, and it does no harm."
    CaaForbids "caa_forbids" "CAA records let only other certificate authorities issue, or none."
    CaaAccount "caa_account" "A CAA record lets another account of the certificate authority issue, and not the platform's (RFC 8657)."
    CaaMethod "caa_method" "A CAA record does not let the way be used in which the platform shows that the hostname leads to it (RFC 8657)."
    CaaCritical "caa_critical" "A CAA record that must be understood has a tag that no certificate authority may pass over (RFC 8659)."
    CaaUnclear "caa_unclear" "The CAA records could not be looked up; a certificate authority refuses then."
}

/// Codes of findings with which an order at a certificate authority fails.
const BLOCKING: [Code; 12] = [
    Code::NotRegistered,
    Code::LameDelegation,
    Code::ServersDisagree,
    Code::DnssecBogus,
    Code::TargetUnresolved,
    Code::AddressMixed,
    Code::StrayAaaa,
    Code::CaaForbids,
    Code::CaaAccount,
    Code::CaaMethod,
    Code::CaaCritical,
    Code::CaaUnclear,
];

/// Whether an order at a certificate authority is of no use while there is a finding of this code.
pub(crate) fn blocks_certificate(code: &str) -> bool {
    BLOCKING.iter().any(|blocking| blocking.name() == code)
}
