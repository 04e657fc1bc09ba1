//go:build ignore

package main

import (
	"context"
	"encoding/json"
	"errors"
	"net/http"
	"strconv"
	"time"
)

// connector makes the app a worker. It returns when the worker is connected, or failed.
type connector func(context.Context) (worker, error)

// worker is a worker of any version.
type worker interface{ Close() error }

// serveWorker makes the app connect for POST /connect, and responds once it is
// connected, or has failed, or after ?limit= milliseconds.
func serveWorker(connect connector) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		limit, err := strconv.Atoi(r.URL.Query().Get("limit"))
		if err != nil {
			http.Error(w, "limit is a number of milliseconds", http.StatusBadRequest)
			return
		}
		ctx, cancel := context.WithTimeout(context.Background(), time.Duration(limit)*time.Millisecond)
		defer cancel()
		status, result := http.StatusOK, map[string]any{"connected": true}
		worker, err := connect(ctx)
		if err == nil {
			err = worker.Close()
		}
		if err != nil {
			late := errors.Is(ctx.Err(), context.DeadlineExceeded)
			status, result = http.StatusInternalServerError, map[string]any{"error": err.Error(), "pending": late}
		}
		w.Header().Set("Content-Type", "application/json")
		w.WriteHeader(status)
		json.NewEncoder(w).Encode(result)
	}
}
