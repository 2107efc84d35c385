package io.byssus.net.tls;

import java.net.URISyntaxException;
import java.net.URL;
import java.nio.file.Path;

/** The certificates of the tests; {@code make.sh} beside them says what they are. */
public final class TlsTestFiles {
    private TlsTestFiles() {}

    /** The file with this name. */
    public static Path of(String name) {
        URL url = TlsTestFiles.class.getResource("/tls/" + name);
        if (url == null) {
            throw new IllegalArgumentException("name=" + name);
        }
        try {
            return Path.of(url.toURI());
        } catch (URISyntaxException e) {
            throw new AssertionError(e);
        }
    }
}
