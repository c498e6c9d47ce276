"""A real mail server, not ours, for the integration tests: aiosmtpd with STARTTLS and AUTH required.

    python aiosmtpd_server.py --certificate cert.pem --key key.pem --username u --password p [--port 0]

Listens on 127.0.0.1. Prints `ready PORT` once, then one JSON line per accepted message. Ends when its standard input
ends, so it never outlives the test that started it.

A recipient's local part says what becomes of the message:

    reject-550@...  defer-451@...   that code at RCPT TO
    later-451@...                   that code at the first RCPT TO, and accepted from the second
    content-554@... content-452@... that code after the final dot
    vanish@...                      the connection ends after the final dot, without a reply
    hang@...                        never answered after the final dot; prints {"hangs": true}
    anybody else                    accepted
"""

import argparse
import asyncio
import base64
import collections
import email
import email.policy
import json
import logging
import re
import ssl
import sys

from aiosmtpd.smtp import SMTP, AuthResult, LoginPassword


def code(address, kinds):
    """The code that a recipient's local part asks for at this point, or None."""
    match = re.match(rf"(?:{kinds})-([45]\d\d)@", address)
    return match and match[1]


def part(message, kind):
    """A part's content with plain line ends, or None."""
    body = message.get_body((kind,))
    return body and body.get_content().replace("\r\n", "\n")


def people(message, name):
    """The mailboxes of a header, as the parser reads them: name and address."""
    header = message[name]
    return [[one.display_name, one.addr_spec] for one in header.addresses] if header else []


def leaf(part):
    """A part that holds no parts: what its headers say, and its bytes."""
    return {
        "type": part.get_content_type(),
        "disposition": part.get_content_disposition(),
        "filename": part.get_filename(),
        "cid": part["content-id"] and str(part["content-id"]),
        "bytes": base64.b64encode(part.get_payload(decode=True)).decode(),
    }


# How often each address was named at RCPT TO, over all connections.
named = collections.Counter()


class Handler:
    async def handle_RCPT(self, server, session, envelope, address, rcpt_options):
        named[address] += 1
        asked = code(address, "reject|defer") or (named[address] == 1 and code(address, "later"))
        if asked:
            return f"{asked} {asked[0]}.1.1 <{address}>: as the test wishes"
        envelope.rcpt_tos.append(address)
        return "250 2.1.5 OK"

    async def handle_DATA(self, server, session, envelope):
        for address in envelope.rcpt_tos:
            asked = code(address, "content")
            if asked:
                return f"{asked} {asked[0]}.6.0 as the test wishes"
            if address.startswith("vanish@"):
                server.transport.abort()
                return "250 never heard"
            if address.startswith("hang@"):
                print(json.dumps({"hangs": True}), flush=True)
                await asyncio.Event().wait()
        message = email.message_from_bytes(envelope.content, policy=email.policy.default)
        accepted = {
            "from": envelope.mail_from,
            "to": envelope.rcpt_tos,
            "encrypted": session.ssl is not None,
            "authenticated": session.authenticated,
            "headers": {name.lower(): str(value) for name, value in message.items()},
            "names": [name.lower() for name in message.keys()],
            "people": {name: people(message, name) for name in ("from", "to", "cc", "reply-to")},
            "text": part(message, "plain"),
            "html": part(message, "html"),
            "parts": [leaf(one) for one in message.walk() if not one.is_multipart()],
            "shape": [one.get_content_type() for one in message.walk()],
            "defects": [str(defect) for one in message.walk() for defect in one.defects],
            "longest_line": max(len(line) for line in envelope.content.split(b"\r\n")),
            "bare_line_ends": len(re.findall(rb"(?<!\r)\n|\r(?!\n)", envelope.content)),
            "ascii": envelope.content.isascii(),
            "raw": envelope.content.decode("ascii", "replace"),
        }
        print(json.dumps(accepted), flush=True)
        return "250 2.0.0 queued"


def authenticator(username, password):
    expected = LoginPassword(username.encode(), password.encode())

    def check(server, session, envelope, mechanism, given):
        return AuthResult(success=given == expected, handled=False)

    return check


async def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--certificate", required=True)
    parser.add_argument("--key", required=True)
    parser.add_argument("--username", required=True)
    parser.add_argument("--password", required=True)
    parser.add_argument("--port", type=int, default=0)
    options = parser.parse_args()

    # It logs every refused handshake with a traceback, and here most of them are wanted.
    logging.getLogger("mail.log").setLevel(logging.CRITICAL)
    tls = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    tls.load_cert_chain(options.certificate, options.key)

    def connection():
        return SMTP(
            Handler(),
            hostname="mx.example.com",
            tls_context=tls,
            require_starttls=True,
            auth_required=True,
            authenticator=authenticator(options.username, options.password),
        )

    loop = asyncio.get_running_loop()
    server = await loop.create_server(connection, "127.0.0.1", options.port)
    print("ready", server.sockets[0].getsockname()[1], flush=True)
    await loop.run_in_executor(None, sys.stdin.read)
    server.close()


asyncio.run(main())
