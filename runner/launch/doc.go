// Package launch brings targets up: it installs an SDK's release, starts its app
// in the set-ups that cases need, and attaches to endpoints that already run.
//
// Every wait has a limit and a name ([limits.go] lists them), and whatever was
// started is ended: by [Lab.Close], and on Linux also when this process is killed.
package launch
