package suite

import (
	"encoding/json"
	"strings"
)

// PayloadMembers are members that the payload of a call may have, of the server and of
// nobody. The MAC covers them, and a call may not be verified less because of one.
const PayloadMembers Dictionary = "members of the payload"

// memberLines has a path and its values, as JSON, on each line, separated by " | ".
const memberLines = `
version=1 | 2 | 0
ctx.attempt=1
ctx.max_attempts=1
ctx.disable_immediate_execution=true
ctx.env="dev"
ctx.generation_id=2
ctx.stack={"current":1,"stack":["other"]}
steps={"other":{"type":"data","data":null}}
defers={"other":{}}
events.count=2
event.v="1"
event.user={"id":"admin","role":"admin"}
event.data._inngest={"source_app_id":"app","invoke_fn_id":"other","correlation_id":"x.y"}
event.data.test=true
event.data.cron="* * * * *"
event.data.internal=true
event.test=true
dev=true
debug=true
test=true
internal=true
trusted=true
verified=true
is_dev=true
mode="dev"
env="dev"
probe="trust"
ping=true
health=true
replay=true
skip_verification=true
`

// withMembers are deviations of one member each.
func withMembers(table string) []Fields {
	return withEach(table, "=", func(member string) Fields { return Fields{Members: member} })
}

// addMembers sets members of a payload, one "path=JSON" per line. The path events.count
// is the number of events, which are all the same.
func addMembers(to map[string]any, lines string) {
	for line := range strings.Lines(lines) {
		path, text, _ := strings.Cut(strings.TrimSuffix(line, "\n"), "=")
		var value any
		if err := json.Unmarshal([]byte(text), &value); err != nil {
			panic(line + " is no member: " + err.Error())
		}
		if count, is := value.(float64); is && path == "events.count" {
			events := make([]any, int(count))
			for i := range events {
				events[i] = to["event"]
			}
			to["events"] = events
			continue
		}
		in := to
		names := strings.Split(path, ".")
		for _, name := range names[:len(names)-1] {
			in = in[name].(map[string]any)
		}
		in[names[len(names)-1]] = value
	}
}
