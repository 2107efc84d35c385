package io.byssus.examples;

import java.nio.ByteBuffer;
import org.eclipse.jetty.http.HttpException;
import org.eclipse.jetty.http.HttpField;
import org.eclipse.jetty.http.HttpHeader;
import org.eclipse.jetty.http.HttpParser;
import org.eclipse.jetty.http.HttpVersion;

/** The requests of one connection, as Jetty's parser reports them. Bodies are read and dropped. */
final class HttpRequests implements HttpParser.RequestHandler {
    private static final int HEADER_BYTES_MAX = 8192;

    private final HttpParser parser = new HttpParser(this, HEADER_BYTES_MAX);
    private boolean complete;
    private long count;
    private HttpResponse response = HttpResponse.NOT_FOUND;
    private boolean head;
    private boolean keepAlive;
    private boolean bad;

    HttpRequests() {
        // The parser's memory of header fields takes a hundred kilobytes per connection.
        parser.setHeaderCacheSize(0);
    }

    /**
     * Parses on.
     *
     * @return whether a request ended, of which the accessors then tell; false if {@code bytes} are
     *     used up
     */
    boolean next(ByteBuffer bytes) {
        if (complete) {
            complete = false;
            parser.reset();
        }
        while (!complete && bytes.hasRemaining()) {
            parser.parseNext(bytes);
        }
        return complete;
    }

    /** Whether a request has begun and not ended. */
    boolean isPartial() {
        return !complete && !parser.isStart();
    }

    /** How many requests have ended. */
    long count() {
        return count;
    }

    /** The rest of the request did not come in time. */
    void timeOut() {
        refuse(HttpResponse.REQUEST_TIMEOUT);
    }

    boolean isTimedOut() {
        return response == HttpResponse.REQUEST_TIMEOUT;
    }

    HttpResponse response() {
        return response;
    }

    boolean isHead() {
        return head;
    }

    boolean keepsAlive() {
        return keepAlive;
    }

    /** Whether the last request was refused: its client may still be sending. */
    boolean isBad() {
        return bad;
    }

    @Override
    public void startRequest(String method, String uri, HttpVersion version) {
        head = method.equals("HEAD");
        response = head || method.equals("GET") ? HttpResponse.ofPath(uri) : HttpResponse.NOT_FOUND;
        keepAlive = version.getVersion() >= HttpVersion.HTTP_1_1.getVersion();
    }

    @Override
    public void parsedHeader(HttpField field) {
        // HTTP/1.0's keep-alive is not offered: such a client is answered and closed.
        if (field.getHeader() == HttpHeader.CONNECTION && field.contains("close")) {
            keepAlive = false;
        }
    }

    @Override
    public boolean headerComplete() {
        return false;
    }

    @Override
    public boolean content(ByteBuffer body) {
        return false;
    }

    @Override
    public boolean contentComplete() {
        return false;
    }

    @Override
    public boolean messageComplete() {
        complete = true;
        count++;
        return true;
    }

    @Override
    public void earlyEOF() {
        // The connection's loop sees the end of the stream itself.
    }

    @Override
    public void badMessage(HttpException failure) {
        refuse(HttpResponse.ofStatus(failure.getCode()));
    }

    private void refuse(HttpResponse why) {
        response = why;
        head = false;
        keepAlive = false;
        bad = true;
        complete = true;
    }
}
