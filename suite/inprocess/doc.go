// Package inprocess has labs whose targets are handlers in this process.
//
// [New] makes a lab of any [net/http.Handler]. Its endpoints are served over
// loopback by a real server, and so are the stand-in API and the beacon that
// they call. [Memory] is a lab of the reference and of broken variants of it: it
// uses no socket, and its clock does not move, so that the whole zoo can be
// judged in seconds. Both serve the app that [Reference] returns.
package inprocess
