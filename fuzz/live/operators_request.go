package live

import (
	"fmt"
	"net/url"
	"slices"
	"strings"

	"github.com/countersign-dev/countersign/reference"
	"github.com/countersign-dev/countersign/suite"
)

// requestOperators vary all that the MAC does not cover.
var requestOperators = map[string]operator{
	"method": {
		forms: []string{"GET", "POST", "PUT", "DELETE", "PATCH", "HEAD", "OPTIONS", "TRACE", "PURGE", "post", "get"},
		apply: func(d *draft, s Step) { d.valid, d.method = d.valid && d.method == s.Form, s.Form },
	},
	"path": {forms: keysOf(paths), apply: func(d *draft, s Step) { d.path, d.valid = paths[s.Form](d.path), false }},
	"query": {forms: keysOf(queries), bases: []Base{Call, Call, Probe, Sync}, destructive: func(form string) bool {
		return strings.Contains(form, "prototype") || strings.Contains(form, "percent")
	}, apply: func(d *draft, s Step) {
		d.valid = false
		queries[s.Form](d)
	}},
	"field": {forms: keysOf(fields), apply: func(d *draft, s Step) {
		name, value, _ := strings.Cut(fields[s.Form], ": ")
		d.set(name, strings.ReplaceAll(value, "{elsewhere}", d.scene.Elsewhere))
		d.valid = d.valid && harmless[s.Form]
	}},
	"framing": {forms: []string{"chunked", "longer", "shorter", "two lengths", "negative", "both"}, bases: withBody, destructive: func(form string) bool { return form != "chunked" }, apply: reframe},
	"fields":  {forms: []string{"reversed", "lower case", "upper case"}, apply: rearrange},
	"sync kind": {forms: []string{"in_band", "in-band", "absent", "upper case"}, bases: []Base{Sync, InBandSync, Call, Introspect}, apply: func(d *draft, s Step) {
		d.fields = slices.DeleteFunc(d.fields, func(f suite.Field) bool { return f.Name == reference.HeaderSyncKind })
		if s.Form != "absent" {
			value := strings.ReplaceAll(s.Form, "upper case", "IN_BAND")
			d.fields = append(d.fields, suite.Field{Name: reference.HeaderSyncKind, Value: value})
		}
		d.valid = d.valid && (d.base == InBandSync && s.Form == "in_band" || d.base == Sync && s.Form == "absent")
	}},
}

// paths are other spellings of the path.
var paths = map[string]func(string) string{
	"slash following": func(p string) string { return p + "/" }, "two slashes": func(p string) string { return "/" + p },
	"a dot": func(p string) string { return "/." + p }, "upper case": strings.ToUpper,
	"percent": func(p string) string { return strings.Replace(p, "i", "%69", 1) }, "a suffix": func(p string) string { return p + "/x" },
	"parameters": func(p string) string { return p + ";a=1" }, "up and down": func(p string) string { return p + "/../" + p[strings.LastIndexByte(p, '/')+1:] },
}

func queryIs(query string) func(*draft) { return func(d *draft) { d.query = query } }

func queryAnd(query string) func(*draft) {
	return func(d *draft) { d.query = strings.Trim(d.query+"&"+query, "&") }
}

// queries are other query strings, also with payloads moved into them.
var queries = map[string]func(*draft){
	"none": queryIs(""), "a function twice": queryAnd("fnId=countersign-nobody"), "a function before": func(d *draft) { d.query = "fnId=countersign-nobody&" + d.query },
	"unknown function": queryIs("fnId=countersign-nobody&stepId=step"), "prototype": queryIs("fnId=countersign-__proto__&stepId=step"),
	"no step": queryIs("fnId=countersign-nobody"), "broken percent": queryAnd("x=%zz"), "probe": queryAnd("probe=trust"), "another probe": queryAnd("probe=none"), "empty probe": queryAnd("probe="),
	"probe twice": queryAnd("probe=none&probe=trust"), "probe in capitals": queryAnd("PROBE=TRUST"), "extra": queryAnd("debug=1"), "dev": queryAnd("dev=1&INNGEST_DEV=1&mode=dev"), "a list": queryAnd("fnId[]=countersign-nobody"),
	"semicolons": func(d *draft) { d.query = strings.ReplaceAll(d.query, "&", ";") }, "deploy id": queryAnd("deployId=%0d%0aX-Injected:%201"),
	"signature": func(d *draft) {
		d.query += "&" + url.QueryEscape(reference.HeaderSignature) + "=" + url.QueryEscape(d.spell(d.signed()))
		d.header.absent = true
	},
	"method": queryAnd("_method=GET"),
	"the body": func(d *draft) {
		d.seal(false)
		d.query += "&body=" + url.QueryEscape(string(d.body))
		d.body = nil
	},
	"the event": func(d *draft) {
		d.seal(false)
		d.query += "&event=" + url.QueryEscape(fmt.Sprintf(`{"data":{"nonce":%q}}`, d.scene.Nonce))
		d.body = []byte(`{}`)
	},
	"into the body": func(d *draft) {
		d.seal(false)
		d.body = []byte(d.query)
		d.query = ""
		d.set("Content-Type", "application/x-www-form-urlencoded")
	},
}

// fields are header fields that must decide nothing about authenticity.
var fields = map[string]string{
	"server kind": "X-Inngest-Server-Kind: dev", "expected server kind": "X-Inngest-Expected-Server-Kind: dev", "dev": "X-Inngest-Dev: 1",
	"platform": "X-Inngest-Platform: dev", "framework": "X-Inngest-Framework: dev", "environment": "X-Inngest-Env: dev", "user agent": "User-Agent: inngest-dev-server",
	"forwarded for": "X-Forwarded-For: 127.0.0.1", "forwarded host": "X-Forwarded-Host: localhost:8288", "broken forwarded host": "X-Forwarded-Host: [::",
	"forwarded proto": "X-Forwarded-Proto: https", "broken forwarded proto": "X-Forwarded-Proto: ://", "method override": "X-HTTP-Method-Override: GET", "put override": "X-HTTP-Method-Override: PUT",
	"local host": "Host: localhost:3000", "host elsewhere": "Host: {elsewhere}", "host with a blank": "Host: a b", "host with a word for a port": "Host: a:port", "empty host": "Host: ",
	"form": "Content-Type: application/x-www-form-urlencoded", "plain text": "Content-Type: text/plain", "UTF-16 declared": "Content-Type: application/json; charset=utf-16",
	"parts": "Content-Type: multipart/form-data; boundary=x", "no type": "Content-Type: ", "authorization": "Authorization: Bearer x", "accept": "Accept: text/html",
	"trace": "Traceparent: 00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01", "cookie": "Cookie: a=b", "expect": "Expect: 100-continue", "upgrade": "Upgrade: h2c",
	"original URL": "X-Original-URL: /api/inngest?probe=trust", "request id": "X-Request-Id: 1", "signature elsewhere": "X-Hub-Signature: t=1&s=2",
}

// harmless are fields that any client may send along.
var harmless = map[string]bool{"accept": true, "trace": true, "cookie": true, "request id": true}

// reframe gives the body a framing that does not fit it, except for chunks.
func reframe(d *draft, s Step) {
	length := len(d.body)
	announce := func(values ...int) {
		d.misframed, d.valid = true, false
		for _, value := range values {
			d.fields = append(d.fields, suite.Field{Name: "Content-Length", Value: fmt.Sprint(value)})
		}
	}
	switch s.Form {
	case "chunked":
		d.chunked = true
	case "longer":
		announce(length + 1)
	case "shorter":
		announce(length - 1)
	case "two lengths":
		announce(length, length-1)
	case "negative":
		announce(-1)
	case "both":
		announce(length)
		d.chunked = true
	}
}

func rearrange(d *draft, s Step) {
	switch s.Form {
	case "reversed":
		slices.Reverse(d.fields)
	case "lower case":
		for i := range d.fields {
			if d.fields[i].Name != "Host" {
				d.fields[i].Name = strings.ToLower(d.fields[i].Name)
			}
		}
	case "upper case":
		for i := range d.fields {
			if d.fields[i].Name != "Host" {
				d.fields[i].Name = strings.ToUpper(d.fields[i].Name)
			}
		}
	}
}
