package etcd

import (
	clientv3 "go.etcd.io/etcd/client/v3"
)

// transaction gathers what one commit compares and writes. etcd refuses one that writes a
// key twice, so the last word about a key is the only one.
type transaction struct {
	there    map[string]pair // what was looked at
	compares []clientv3.Cmp
	order    []string // of writes
	writes   map[string]write
	bytes    int
}

type write struct {
	value string
	gone  bool
}

// version guards a record: it must be put as often as expected, which for 0 is never.
func (t *transaction) version(key string, expect uint64) {
	t.compares = append(t.compares, clientv3.Compare(clientv3.Version(key), "=", int64(expect)))
	t.bytes += len(key) + framing
}

func (t *transaction) put(key, value string) { t.set(key, write{value: value}) }
func (t *transaction) remove(key string)     { t.set(key, write{gone: true}) }

func (t *transaction) set(key string, w write) {
	if _, known := t.writes[key]; !known {
		t.order = append(t.order, key)
	}
	t.writes[key] = w
}

// claim puts a key that nobody else may have, and makes the transaction depend on its
// being as it was looked at. It refuses one that is there, unless this same transaction
// takes it away, and one that it claims already.
func (t *transaction) claim(key, value string) bool {
	was, there := t.there[key]
	before, mine := t.writes[key]
	if there && !before.gone || mine && !before.gone {
		return false
	}
	t.compares = append(t.compares, clientv3.Compare(clientv3.ModRevision(key), "=", was.mod))
	t.bytes += len(key) + framing
	t.put(key, value)
	return true
}

// framing is more than what the wire adds to a key, or to a key and its value.
const framing = 40

// operations gives what to compare and what to write. It fails with *TooLarge.
func (t *transaction) operations() ([]clientv3.Cmp, []clientv3.Op, error) {
	ops, size := make([]clientv3.Op, 0, len(t.order)), t.bytes+framing
	for _, key := range t.order {
		w := t.writes[key]
		if size += len(key) + len(w.value) + framing; w.gone {
			ops = append(ops, clientv3.OpDelete(key))
		} else {
			ops = append(ops, clientv3.OpPut(key, w.value))
		}
	}
	if n := max(len(ops), len(t.compares)); n > maxOperations || size > maxBytes {
		return nil, nil, &TooLarge{Operations: n, Bytes: size}
	}
	return t.compares, ops, nil
}
