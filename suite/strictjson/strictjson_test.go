package strictjson_test

import (
	"testing"

	"github.com/countersign-dev/countersign/suite/strictjson"
)

func TestUnmarshal(t *testing.T) {
	for text, valid := range map[string]bool{
		`{"a":1}`: true, " {\"a\":1}\n": true, `{}`: true,
		`{"b":1}`: false, `{"a":1,"b":1}`: false, `{"a":"1"}`: false, `{"a":1}{}`: false, `{"a":1} x`: false, `{"a":1`: false, ``: false,
	} {
		var into struct {
			A int `json:"a"`
		}
		if err := strictjson.Unmarshal([]byte(text), &into); (err == nil) != valid {
			t.Errorf("%q: %v", text, err)
		}
	}
}
