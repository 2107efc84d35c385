package io.byssus.net.tls;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.net.URISyntaxException;
import java.net.URL;
import java.nio.file.Files;
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
            return url.getProtocol().equals("file") ? Path.of(url.toURI()) : copy(name, url);
        } catch (URISyntaxException e) {
            throw new AssertionError(e);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** Other modules have the tests in a jar. */
    private static Path copy(String name, URL url) throws IOException {
        Path file = Files.createTempFile("byssus-", name);
        file.toFile().deleteOnExit();
        try (InputStream in = url.openStream()) {
            Files.write(file, in.readAllBytes());
        }
        return file;
    }
}
