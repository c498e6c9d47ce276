#![allow(clippy::unwrap_used)]
use super::*;

const HEADER: &str = "tenantName,firstName,lastName,email,companyName,contractLine,externalKey";

fn csv_rows(text: impl AsRef<[u8]>) -> Result<Vec<Row>, Problem> {
    let text = text.as_ref();
    let mut rows = csv::read(text.strip_prefix(b"\xef\xbb\xbf").unwrap_or(text))?;
    twice(&mut rows);
    Ok(rows)
}

fn error(row: &Row) -> (&'static str, &str) {
    let unfit = row.read.as_ref().unwrap_err();
    (unfit.status, &unfit.error)
}

#[test]
fn what_spreadsheets_write_is_read() {
    let text = format!(
        "\u{feff}{HEADER}\r\n\"Acme, Inc. \"\"Ltd\"\"\",Ada,Lovelace,ada@acme.example,\"Acme\r\nHolding\",pro,crm-1\r\n\r\n Beta ,Bo,B,bo@beta.example,,,\r\n"
    );
    let rows = csv_rows(text).unwrap();
    assert_eq!(
        error(&rows[0]),
        ("invalid", "companyName: The company's name contains a line break or a control character.")
    );
    assert_eq!((rows[0].line, rows[0].tenant_name.as_deref()), (2, Some("Acme, Inc. \"Ltd\"")));
    let beta = rows[1].read.as_ref().unwrap();
    // The first row has a line break in a field, and an empty line follows.
    assert_eq!((rows[1].line, beta.tenant_name.as_str(), &beta.company_name), (5, "Beta", &None));
    assert_eq!((beta.contract_line.to_string().as_str(), &beta.external_key), ("basic", &None));
    assert_eq!(rows.len(), 2);
}

#[test]
fn columns_stand_in_any_order_and_those_that_may_be_missing_may_be() {
    let rows = csv_rows("email,lastName,firstName,tenantName\nada@acme.example,Lovelace,Ada,Acme\n").unwrap();
    assert_eq!(rows[0].read.as_ref().unwrap().admin_user.last_name.as_str(), "Lovelace");
}

#[test]
fn a_header_that_cannot_be_used_names_every_column() {
    let problem = csv_rows("tenantName,name,firstName,e-mail,firstName\n").unwrap_err();
    let told: Vec<(&str, &str)> =
        problem.errors().iter().map(|error| (error.pointer.as_deref().unwrap(), error.code.as_str())).collect();
    let expected = [
        ("/name", "unknown_field"),
        ("/e-mail", "unknown_field"),
        ("/firstName", "invalid_value"),
        ("/lastName", "missing_field"),
        ("/email", "missing_field"),
    ];
    assert_eq!(told, expected);
    assert!(
        problem.detail().contains("e-mail: There is no such column; known here: tenantName,"),
        "{}",
        problem.detail()
    );
    let problem = csv_rows(HEADER.replace(',', ";") + "\nAcme;Ada;L;a@b.example;;;\n").unwrap_err();
    assert!(problem.detail().contains("separated by semicolons"), "{}", problem.detail());
    assert!(csv_rows("").unwrap_err().detail().contains("empty"));
}

#[test]
fn a_row_that_cannot_be_used_says_why_and_spoils_no_other() {
    let text = format!("{HEADER}\nAcme,Ada\n,Ada,,nobody,,,\nBeta,\"Bo,B,bo@beta.example\n");
    let rows = csv_rows(text).unwrap();
    assert!(error(&rows[0]).1.starts_with("This row has 2 fields, and the header has 7"), "{:?}", error(&rows[0]));
    let (_, words) = error(&rows[1]);
    for name in ["tenantName: ", "lastName: ", "email: "] {
        assert!(words.contains(name), "{words}");
    }
    assert!(error(&rows[2]).1.contains("quotation mark"), "{:?}", error(&rows[2]));
    let mut latin = format!("{HEADER}\nCaf").into_bytes();
    latin.extend(b"\xe9,Ada,L,ada@acme.example,,,\n");
    assert_eq!(error(&csv_rows(latin).unwrap()[0]).1, "tenantName: This is not text in UTF-8; save the file as UTF-8.");
}

#[test]
fn the_same_address_or_key_is_a_duplicate_of_the_first_line_that_can_be_used() {
    let text = format!(
        "{HEADER}\nAcme,,L,ada@acme.example,,,k1\nAcme,Ada,L,ada@acme.example,,,k1\nBeta,Bo,B,ADA@acme.example,,,\nGamma,G,G,g@gamma.example,,,k1\n"
    );
    let rows = csv_rows(text).unwrap();
    assert_eq!(error(&rows[0]).0, "invalid");
    assert!(rows[1].read.is_ok());
    assert_eq!(error(&rows[2]), ("duplicate", "the same contact address stands in line 3 already"));
    assert_eq!(error(&rows[3]), ("duplicate", "the same external key stands in line 3 already"));
    let counts = counts(&rows);
    assert_eq!((counts.total, counts.waiting, counts.invalid, counts.duplicate), (4, 1, 1, 2));
}

#[test]
fn lines_of_json_are_read_by_the_rules_of_one_onboarding() {
    let good = r#"{"tenantName":"Acme","adminUser":{"firstName":"Ada","lastName":"L","email":"ada@acme.example"}}"#;
    let rows = ndjson::read(
        format!(
            "{good}\r\n\n{{\"tenantName\": }}\n[]\n{{\"tenantName\":\"B\\u0000\",\"x\":1}}\n{}\n",
            good.replace("Ada", "")
        )
        .as_bytes(),
    )
    .unwrap();
    assert!(rows[0].read.is_ok());
    assert_eq!(rows.iter().map(|row| row.line).collect::<Vec<_>>(), [1, 3, 4, 5, 6]);
    assert_eq!(error(&rows[1]).1, "This line is not a JSON object: it cannot be read at column 16.");
    assert_eq!(error(&rows[2]).1, "This must be an object.");
    assert!(error(&rows[3]).1.contains("NUL") && rows[3].tenant_name.as_deref() == Some("B"), "{:?}", rows[3]);
    assert!(error(&rows[4]).1.starts_with("adminUser.firstName: "), "{:?}", error(&rows[4]));
}

#[test]
fn ten_thousand_tenants_are_a_file_and_one_more_is_not() {
    let line = |n: usize| format!("T{n},A,B,a{n}@b.example,,,\n");
    let text: String = (0..MOST).map(line).collect();
    assert_eq!(csv_rows(format!("{HEADER}\n{text}")).unwrap().len(), MOST);
    let problem = csv_rows(format!("{HEADER}\n{text}{}", line(MOST))).unwrap_err();
    assert!(problem.detail().contains("split it"), "{}", problem.detail());
}
