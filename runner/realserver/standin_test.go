package realserver

import (
	"bytes"
	"encoding/json"
	"flag"
	"fmt"
	"io"
	"net/http"
	"os"
	"strings"
	"testing"
	"time"

	"github.com/countersign-dev/countersign/reference"
	"github.com/countersign-dev/countersign/suite"
)

// envStandIn makes the test binary a stand-in for the server: its value is the
// behaviour.
const envStandIn = "REALSERVER_TEST_STANDIN"

func TestMain(m *testing.M) {
	if behaviour := os.Getenv(envStandIn); behaviour != "" {
		os.Exit(standIn(behaviour, os.Args[2:]))
	}
	os.Exit(m.Run())
}

// server is the stand-in: it syncs an app every second, takes its registration, and
// calls its function for each event.
type server struct {
	behaviour, app, events string
	key                    reference.Key
}

// standIn runs with the flags of the server's command start.
func standIn(behaviour string, args []string) int {
	flags := flag.NewFlagSet("start", flag.ContinueOnError)
	text := map[string]*string{}
	for _, name := range []string{"host", "port", "connect-gateway-port", "signing-key", "event-key", "sdk-url", "poll-interval", "retry-interval", "sqlite-dir"} {
		text[name] = flags.String(name, "", "")
	}
	if err := flags.Parse(args); err != nil {
		return 2
	}
	key := *text["signing-key"]
	if behaviour == "never rotates" {
		key = oldKey
	}
	s := &server{behaviour, *text["sdk-url"], *text["event-key"], mustParse(key)}
	go s.poll()
	mux := http.NewServeMux()
	mux.HandleFunc("POST /fn/register", s.register)
	mux.HandleFunc("POST /e/{key}", s.event)
	fmt.Println(http.ListenAndServe(*text["host"]+":"+*text["port"], mux))
	return 1
}

func (s *server) poll() {
	for ; ; time.Sleep(200 * time.Millisecond) {
		body, err := json.Marshal(map[string]string{"url": s.app + "?a=1&b=2"}) // which escapes the &
		if err != nil {
			panic(err)
		}
		canonical, err := reference.Canonicalise(body)
		if err != nil {
			panic(err)
		}
		s.send(http.MethodPut, s.app, http.Header{"X-Inngest-Server-Kind": {"cloud"}}, body, canonical)
	}
}

func (s *server) register(w http.ResponseWriter, r *http.Request) {
	if !strings.HasSuffix(r.Header.Get("Authorization"), " "+s.key.Bearer()) {
		http.Error(w, "Authentication failed", http.StatusUnauthorized)
		return
	}
	_, _ = io.WriteString(w, `{"ok":true,"modified":true}`)
}

func (s *server) event(w http.ResponseWriter, r *http.Request) {
	var event struct{ Data struct{ Nonce string } }
	if err := json.NewDecoder(r.Body).Decode(&event); err != nil || r.PathValue("key") != s.events {
		http.Error(w, "bad event", http.StatusBadRequest)
		return
	}
	scene := suite.VectorScene()
	scene.Nonce, scene.Now = event.Data.Nonce, time.Now()
	made := suite.Make(suite.Call{}, scene).Request
	_, query, _ := strings.Cut(made.Target, "?")
	header := http.Header{}
	for _, field := range made.Header {
		if field.Name != "Host" {
			header.Set(field.Name, field.Value)
		}
	}
	go s.send(http.MethodPost, s.app+"?"+query, header, made.Body, made.Body)
}

// send signs a message and sends a body.
func (s *server) send(method, target string, header http.Header, body, message []byte) {
	signature, err := reference.Sign(s.key, message, time.Now())
	if err != nil {
		panic(err)
	}
	call := method == http.MethodPost
	switch {
	case call && s.behaviour == "signs nothing":
		header.Del(reference.HeaderSignature)
	case call && s.behaviour == "signs wrongly":
		signature.MAC[0]++
		fallthrough
	default:
		header.Set(reference.HeaderSignature, signature.String())
	}
	request, err := http.NewRequest(method, target, bytes.NewReader(body))
	if err != nil {
		panic(err)
	}
	request.Header = header
	if response, err := http.DefaultClient.Do(request); err == nil {
		_ = response.Body.Close()
	}
}
