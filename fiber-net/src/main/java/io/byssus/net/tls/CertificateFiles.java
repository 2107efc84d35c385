package io.byssus.net.tls;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.BasicFileAttributes;
import java.util.Objects;
import java.util.concurrent.TimeUnit;

/**
 * Where a certificate and its key are.
 *
 * @param chain a PEM file
 * @param key a PEM file
 */
record CertificateFiles(Path chain, Path key) {
    CertificateFiles {
        Objects.requireNonNull(chain);
        Objects.requireNonNull(key);
    }

    /** It differs when one of the files has changed. */
    String stamp() throws IOException {
        return stamp(chain) + " " + stamp(key);
    }

    private static String stamp(Path file) throws IOException {
        BasicFileAttributes attributes = Files.readAttributes(file, BasicFileAttributes.class);
        long modifiedNanos = attributes.lastModifiedTime().to(TimeUnit.NANOSECONDS);
        return modifiedNanos + "/" + attributes.size() + "/" + attributes.fileKey();
    }
}
