package io.byssus.examples;

import java.nio.charset.StandardCharsets;

/**
 * The few responses this server has, ready as bytes; but that of the metrics, whose body changes.
 */
enum HttpResponse {
    PLAINTEXT("200 OK", "text/plain", "Hello, World!"),
    METRICS("200 OK", "text/plain; version=0.0.4; charset=utf-8", ""),
    JSON("200 OK", "application/json", "{\"message\":\"Hello, World!\"}"),
    BAD_REQUEST("400 Bad Request", "text/plain", "Bad request\n"),
    NOT_FOUND("404 Not Found", "text/plain", "Not found\n"),
    REQUEST_TIMEOUT("408 Request Timeout", "text/plain", "Request timeout\n"),
    URI_TOO_LONG("414 URI Too Long", "text/plain", "URI too long\n"),
    HEADER_TOO_LARGE(
            "431 Request Header Fields Too Large", "text/plain", "Request header too large\n"),
    VERSION_NOT_SUPPORTED("505 HTTP Version Not Supported", "text/plain", "HTTP/1.1 only\n");

    private static final int URI_TOO_LONG_CODE = 414;
    private static final int HEADER_TOO_LARGE_CODE = 431;
    private static final int VERSION_CODE = 505;

    private final String status;
    private final String type;
    private final byte[] keepAlive;
    private final byte[] close;
    private final byte[] headKeepAlive;
    private final byte[] headClose;

    HttpResponse(String status, String type, String body) {
        this.status = status;
        this.type = type;
        String head = head(body);
        keepAlive = ascii(head + "\r\n" + body);
        close = ascii(head + "Connection: close\r\n\r\n" + body);
        headKeepAlive = ascii(head + "\r\n");
        headClose = ascii(head + "Connection: close\r\n\r\n");
    }

    private String head(String body) {
        return "HTTP/1.1 "
                + status
                + "\r\nContent-Type: "
                + type
                + "\r\nContent-Length: "
                + body.getBytes(StandardCharsets.UTF_8).length
                + "\r\n";
    }

    /** The answer to a GET of {@code uri}. */
    static HttpResponse ofPath(String uri) {
        int query = uri.indexOf('?');
        return switch (query < 0 ? uri : uri.substring(0, query)) {
            case "/", "/plaintext" -> PLAINTEXT;
            case "/json" -> JSON;
            case "/metrics" -> METRICS;
            default -> NOT_FOUND;
        };
    }

    /** The answer to a request that the parser refused with {@code code}. */
    static HttpResponse ofStatus(int code) {
        return switch (code) {
            case URI_TOO_LONG_CODE -> URI_TOO_LONG;
            case HEADER_TOO_LARGE_CODE -> HEADER_TOO_LARGE;
            case VERSION_CODE -> VERSION_NOT_SUPPORTED;
            default -> BAD_REQUEST;
        };
    }

    byte[] bytes(boolean headOnly, boolean keepsAlive) {
        if (headOnly) {
            return keepsAlive ? headKeepAlive : headClose;
        }
        return keepsAlive ? keepAlive : close;
    }

    /** With a body of its own; made anew. */
    byte[] bytes(String body, boolean headOnly, boolean keepsAlive) {
        String head = head(body) + (keepsAlive ? "\r\n" : "Connection: close\r\n\r\n");
        return (headOnly ? head : head + body).getBytes(StandardCharsets.UTF_8);
    }

    private static byte[] ascii(String text) {
        return text.getBytes(StandardCharsets.US_ASCII);
    }
}
