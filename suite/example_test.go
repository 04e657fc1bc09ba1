package suite_test

import (
	"fmt"

	"github.com/countersign-dev/countersign/suite"
)

// A case cites its clause and describes what it sends.
func ExampleFind() {
	c, err := suite.Find("receiving.unsigned")
	if err != nil {
		fmt.Println(err)
		return
	}
	fmt.Println(c.Clause, c.Level, c.Risk)
	fmt.Println(suite.Describe(c.When))
	// Output:
	// SPEC 4.1.3(3) MUST forgery
	// an unsigned call
}

// The setup of a case is the environment of the target that it is sent to.
func ExampleSetup_Environment() {
	setup := suite.Setup{Key: suite.Absent, Env: "staging"}
	env := setup.Environment(suite.Keyring{EventKey: "event-key"}, "http://127.0.0.1:4711")
	fmt.Println(setup)
	fmt.Println(env["INNGEST_API_BASE_URL"], env["INNGEST_ENV"], env["INNGEST_SIGNING_KEY"] == "")
	// Output:
	// key absent, INNGEST_ENV=staging
	// http://127.0.0.1:4711 staging true
}
