//go:build unix

package launch

import "syscall"

// ownSession lets a process leave its group, or stay in it.
func ownSession(leave bool) *syscall.SysProcAttr { return &syscall.SysProcAttr{Setsid: leave} }
