"""Reports that other tools wrote, as evidence: JUnit, SARIF, and in-toto test results."""
