package io.byssus.net.tls;

import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.KeyFactory;
import java.security.PrivateKey;
import java.security.cert.Certificate;
import java.security.cert.CertificateException;
import java.security.cert.CertificateFactory;
import java.security.cert.X509Certificate;
import java.security.spec.InvalidKeySpecException;
import java.security.spec.PKCS8EncodedKeySpec;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** Certificates and keys in PEM files (RFC 7468). All methods block. */
final class PemFiles {
    private static final Pattern BLOCK =
            Pattern.compile("-----BEGIN ([A-Z0-9 ]+)-----\\s*([^-]*)-----END \\1-----");

    private static final String PKCS8 = "PRIVATE KEY";
    private static final List<String> ALGORITHMS = List.of("EC", "RSA", "EdDSA", "RSASSA-PSS");

    private PemFiles() {}

    /**
     * All certificates of {@code file}.
     *
     * @throws IOException if it cannot be read, or has none
     */
    static X509Certificate[] certificates(Path file) throws IOException {
        try (InputStream in = Files.newInputStream(file)) {
            return certificates(file, in);
        }
    }

    /** As {@link #certificates(Path)}, of what {@code file} has in it. */
    static X509Certificate[] certificates(Path file, InputStream in) throws IOException {
        List<X509Certificate> all = new ArrayList<>();
        try {
            CertificateFactory factory = CertificateFactory.getInstance("X.509");
            for (Certificate certificate : factory.generateCertificates(in)) {
                all.add((X509Certificate) certificate);
            }
        } catch (CertificateException e) {
            throw new IOException(file + ": " + e.getMessage(), e);
        }
        if (all.isEmpty()) {
            throw new IOException(file + ": no certificate in PEM");
        }
        return all.toArray(X509Certificate[]::new);
    }

    /**
     * The private key of {@code file}.
     *
     * @throws IOException if it cannot be read, or has none that is PKCS #8 and not encrypted
     */
    static PrivateKey key(Path file) throws IOException {
        return key(Files.readString(file, StandardCharsets.ISO_8859_1), file);
    }

    /** As {@link #key(Path)}, of the text that {@code file} has. */
    static PrivateKey key(String text, Path file) throws IOException {
        Matcher block = BLOCK.matcher(text);
        String other = null;
        while (block.find()) {
            String label = block.group(1);
            if (label.equals(PKCS8)) {
                return key(file, block.group(2));
            }
            if (label.endsWith(PKCS8)) {
                other = label;
            }
        }
        throw new IOException(
                other == null
                        ? file + ": no private key in PEM"
                        : file
                                + ": "
                                + other
                                + ": expected "
                                + PKCS8
                                + ", as 'openssl pkcs8 -topk8 -nocrypt' makes it");
    }

    private static PrivateKey key(Path file, String base64) throws IOException {
        byte[] encoded;
        try {
            encoded = Base64.getMimeDecoder().decode(base64);
        } catch (IllegalArgumentException e) {
            throw new IOException(file + ": " + e.getMessage(), e);
        }
        for (String algorithm : ALGORITHMS) {
            try {
                KeyFactory factory = KeyFactory.getInstance(algorithm);
                return factory.generatePrivate(new PKCS8EncodedKeySpec(encoded));
            } catch (InvalidKeySpecException e) {
                continue; // one of the others
            } catch (GeneralSecurityException e) {
                throw new IOException(file + ": " + e.getMessage(), e);
            }
        }
        throw new IOException(file + ": no key of " + ALGORITHMS);
    }
}
