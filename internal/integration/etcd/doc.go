// Package etcd tests the store on etcd against a cluster of three members that it starts
// in its own process. It is a module of its own and never published: nobody else compiles
// the server.
package etcd
