package live

import (
	"reflect"
	"testing"

	"github.com/countersign-dev/countersign/suite/longtest"
)

func TestDrawsDependOnSeedAndIndexOnly(t *testing.T) {
	longtest.Skip(t)
	t.Parallel()
	all := scope{bases: allBases, rotating: true}
	one, other := newGenerator(7, all), newGenerator(7, all)
	for index := uint64(0); index < 3000; index++ {
		in := one.at(index)
		if index%3 == 0 && !reflect.DeepEqual(in, other.at(index)) { // the other one skips indexes, as a shard does
			t.Fatalf("index %d is drawn in two ways", index)
		}
		if err := in.Check(); err != nil {
			t.Fatalf("index %d: %v", index, err)
		}
		if first, second := in.build(now()), in.build(now()); !reflect.DeepEqual(first.Request, second.Request) {
			t.Fatalf("%s is built in two ways", in)
		}
	}
}

func TestGentleDrawsSpareTheEndpoint(t *testing.T) {
	g := newGenerator(7, scope{bases: []Base{Probe, Introspect}, gentle: true, single: true, noPut: true})
	for index := uint64(0); index < 3000; index++ {
		in := g.at(index)
		for _, s := range in.Steps {
			if s.Op == "break" || s.Op == "grow" || s.Op == "encode" || s.Op == "method" && s.Form == "PUT" {
				t.Fatalf("%s may end an endpoint, or make it sync", in)
			}
		}
		if in.Rotating || in.Base != Probe && in.Base != Introspect {
			t.Fatalf("%s is out of scope", in)
		}
	}
}
