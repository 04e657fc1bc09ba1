package gallery

import "slices"

// Endpoints returns all endpoints, part by part.
func Endpoints() []Endpoint {
	return slices.Concat(
		limits(), network(), replays(), clocks(), strict(), responses(), proxies(), hosting(), ownDoing(), workers(), readings(), parsers(), oddities(),
	)
}

// Find returns the endpoint with a name.
func Find(name string) (Endpoint, bool) {
	all := Endpoints()
	i := slices.IndexFunc(all, func(e Endpoint) bool { return e.Name == name })
	if i < 0 {
		return Endpoint{}, false
	}
	return all[i], true
}
