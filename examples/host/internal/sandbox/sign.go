package sandbox

import (
	"crypto/hmac"
	"crypto/sha256"
	"encoding/hex"
)

// The headers of a signed webhook.
const (
	TimestampHeader = "X-Webhook-Timestamp" // Unix seconds
	SignatureHeader = "X-Webhook-Signature" // see Sign
)

// Sum signs a webhook: the HMAC-SHA-256 of the timestamp as it stands in its header, a
// full stop, and the body byte for byte.
func Sum(secret, timestamp string, body []byte) []byte {
	mac := hmac.New(sha256.New, []byte(secret))
	mac.Write([]byte(timestamp + "."))
	mac.Write(body)
	return mac.Sum(nil)
}

// Sign is Sum in hex, as the header has it.
func Sign(secret, timestamp string, body []byte) string {
	return hex.EncodeToString(Sum(secret, timestamp, body))
}
