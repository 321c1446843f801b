//! A certificate for `localhost`, by an authority of the test's own.

use std::path::Path;
use std::process::Command;

/// Writes `authority.crt`, and `oneroster.crt` with `oneroster.key`, to a folder.
pub(crate) fn certificate(folder: &Path) {
    let script = "openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:prime256v1 -nodes -days 2 -subj '/CN=authority' \
                      -keyout authority.key -out authority.crt 2>&1 &&
                  openssl req -newkey ec -pkeyopt ec_paramgen_curve:prime256v1 -nodes -subj '/CN=localhost' \
                      -keyout oneroster.key -out oneroster.csr 2>&1 &&
                  printf 'subjectAltName=DNS:localhost\nbasicConstraints=CA:FALSE\n' > extensions &&
                  openssl x509 -req -in oneroster.csr -CA authority.crt -CAkey authority.key -CAcreateserial -days 2 \
                      -extfile extensions -out oneroster.crt 2>&1";
    let made = Command::new("sh")
        .args(["-c", script])
        .current_dir(folder)
        .output()
        .unwrap();
    assert!(made.status.success(), "{}", String::from_utf8_lossy(&made.stdout));
}
