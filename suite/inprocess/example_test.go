package inprocess_test

import (
	"context"
	"fmt"
	"math/rand/v2"
	"net/http"

	"github.com/countersign-dev/countersign/suite"
	"github.com/countersign-dev/countersign/suite/engine"
	"github.com/countersign-dev/countersign/suite/inprocess"
)

// A lab of a handler that is not a serve endpoint, so that no valid request is
// accepted.
func ExampleNew() {
	lab := inprocess.New(inprocess.Options{
		Keys:    suite.NewKeyring(rand.New(rand.NewPCG(1, 2))),
		Handler: func(map[string]string) http.Handler { return http.NotFoundHandler() },
	})
	defer lab.Close()
	c, err := suite.Find("receiving.signed")
	if err != nil {
		fmt.Println(err)
		return
	}
	judged, err := engine.Judge(context.Background(), lab, []suite.Case{c}, engine.Options{Jobs: 1})
	if err != nil {
		fmt.Println(err)
		return
	}
	fmt.Println(judged.Results[0].Verdict, judged.Void != "")
	// Output: fail true
}
