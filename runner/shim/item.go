package shim

import (
	"github.com/countersign-dev/countersign/vectors"
)

// item is a vector as a request to a shim.
type item struct {
	about   vectors.Common
	flags   map[string]vectors.Flag
	do      string // verify or sign
	request any    // a VerifyRequest or SignRequest
	want    string // accept, refuse or unspecified
	header  string // of sign, where it accepts
}

// load reads the vectors: verify, real and sign.
func load() ([]item, error) {
	var all []item
	for _, file := range []func() ([]item, error){loadVerify, loadReal, loadSign} {
		items, err := file()
		if err != nil {
			return nil, err
		}
		all = append(all, items...)
	}
	return all, nil
}

func loadVerify() ([]item, error) {
	file, err := vectors.Load[vectors.Verify]()
	if err != nil {
		return nil, err
	}
	var items []item
	for _, v := range file.Vectors {
		body, err := v.Body.Bytes()
		if err != nil {
			return nil, err
		}
		items = append(items, item{v.Common, file.Flags, verify, received(v.ID, v.Now, v.Keys, v.Method, v.Target, v.Headers, body), v.Result, ""})
	}
	return items, nil
}

// loadReal leaves out the requests that the server does not sign.
func loadReal() ([]item, error) {
	file, err := vectors.Load[vectors.Real]()
	if err != nil {
		return nil, err
	}
	var items []item
	for _, v := range file.Vectors {
		if v.Result == vectors.Unsigned {
			continue
		}
		body, err := v.Body.Bytes()
		if err != nil {
			return nil, err
		}
		items = append(items, item{v.Common, file.Flags, verify, received(v.ID, v.Now, v.Keys, v.Method, v.Target, v.Headers, body), v.Result, ""})
	}
	return items, nil
}

func received(id string, now int64, keys vectors.Keys, method, target string, headers []vectors.Field, body []byte) VerifyRequest {
	r := VerifyRequest{id, verify, now, keys.Primary, keys.Fallback, method, target, [][2]string{}, body}
	for _, field := range headers {
		r.Headers = append(r.Headers, [2]string{field.Name, field.Value})
	}
	return r
}

func loadSign() ([]item, error) {
	file, err := vectors.Load[vectors.Sign]()
	if err != nil {
		return nil, err
	}
	var items []item
	for _, v := range file.Vectors {
		body, err := v.Body.Bytes()
		if err != nil {
			return nil, err
		}
		request := SignRequest{v.ID, sign, v.Now, v.Key, v.What, body}
		items = append(items, item{v.Common, file.Flags, sign, request, v.Result, v.Header})
	}
	return items, nil
}

// outcome is the result that a response means. Another header than the vector's is
// a result of its own.
func (i item) outcome(r Response) string {
	switch {
	case !accepted(r):
		return vectors.Refuse
	case r.Header != nil && *r.Header != i.header:
		return "another header"
	}
	return vectors.Accept
}

func (i item) difference(got string, strict bool) Difference {
	d := Difference{i.about.ID, i.about.Clause, i.about.Level, i.about.By, i.about.Comment, i.want, got, "", strict || i.about.Level == "MUST"}
	for _, flag := range i.about.Flags {
		if d.Bug == "" {
			d.Bug = i.flags[flag].Bug
		}
	}
	return d
}
