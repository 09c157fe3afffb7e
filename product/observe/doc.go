// Package observe has observers of a service that need nothing but the standard library:
// package slog's. OpenTelemetry and Prometheus are modules of their own, since they bring
// their libraries: product/observe/otel and product/observe/prometheus.
//
// No attribute holds the id of a record or an actor, or free text: the sets of values are
// closed by the tables, and by the integration codes that the host gave its providers.
package observe
