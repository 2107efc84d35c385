package io.byssus.net.tls;

import java.io.IOException;
import java.net.IDN;
import java.security.GeneralSecurityException;
import java.security.PrivateKey;
import java.security.PublicKey;
import java.security.Signature;
import java.security.cert.CertificateParsingException;
import java.security.cert.X509Certificate;
import java.util.Collection;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Set;

/**
 * A certificate with its key, and the names that it is for.
 *
 * <p><b>Ownership:</b> immutable.
 */
final class Credentials {
    private static final int DNS_NAME = 2;

    /** Those that Netty asks a key manager for. */
    private static final List<String> OPENSSL_ALGORITHMS = List.of("EC", "RSA");

    private final X509Certificate[] chain;
    private final PrivateKey key;
    private final Set<String> names = new HashSet<>();

    private Credentials(X509Certificate[] chain, PrivateKey key) throws IOException {
        this.chain = chain;
        this.key = key;
        try {
            Collection<List<?>> alternatives = chain[0].getSubjectAlternativeNames();
            if (alternatives != null) {
                for (List<?> name : alternatives) {
                    if ((Integer) name.get(0) == DNS_NAME) {
                        names.add(((String) name.get(1)).toLowerCase(Locale.ROOT));
                    }
                }
            }
        } catch (CertificateParsingException e) {
            throw new IOException(e);
        }
    }

    /**
     * Reads both files. Blocks.
     *
     * @throws IOException if one cannot be read, the key is another certificate's, or {@code
     *     provider} knows no such keys
     */
    static Credentials read(CertificateFiles files, TlsProvider provider) throws IOException {
        X509Certificate[] chain = PemFiles.certificates(files.chain());
        String algorithm = chain[0].getPublicKey().getAlgorithm();
        if (provider == TlsProvider.OPENSSL && !OPENSSL_ALGORITHMS.contains(algorithm)) {
            throw new IOException(
                    files.chain()
                            + ": a key of "
                            + algorithm
                            + ": provider="
                            + provider
                            + " knows "
                            + OPENSSL_ALGORITHMS
                            + " only");
        }
        PrivateKey key = PemFiles.key(files.key());
        if (!belongTogether(chain[0].getPublicKey(), key)) {
            throw new IOException(files.key() + ": not the key of " + files.chain());
        }
        return new Credentials(chain, key);
    }

    private static boolean belongTogether(PublicKey open, PrivateKey secret) throws IOException {
        String algorithm =
                switch (open.getAlgorithm()) {
                    case "RSA" -> "SHA256withRSA";
                    case "EC" -> "SHA256withECDSA";
                    case "EdDSA" -> "EdDSA";
                    default -> null; // the handshake will show
                };
        if (algorithm == null) {
            return true;
        }
        byte[] text = {1, 2, 3};
        try {
            Signature signer = Signature.getInstance(algorithm);
            signer.initSign(secret);
            signer.update(text);
            byte[] signature = signer.sign();
            Signature verifier = Signature.getInstance(algorithm);
            verifier.initVerify(open);
            verifier.update(text);
            return verifier.verify(signature);
        } catch (java.security.InvalidKeyException | java.security.SignatureException e) {
            return false;
        } catch (GeneralSecurityException e) {
            throw new IOException(e);
        }
    }

    X509Certificate[] chain() {
        return chain.clone();
    }

    PrivateKey key() {
        return key;
    }

    Set<String> names() {
        return names;
    }

    /** Whether the key is of a type as JSSE names them: {@code EC}, {@code RSA}, {@code EC_EC}. */
    boolean isOf(String keyType) {
        String algorithm = chain[0].getPublicKey().getAlgorithm();
        return keyType.equals(algorithm) || keyType.startsWith(algorithm + "_");
    }

    /** Whether the certificate is for {@code host}, a wildcard for one label (RFC 6125, 6.4.3). */
    boolean isFor(String host) {
        String name;
        try {
            name = IDN.toASCII(host).toLowerCase(Locale.ROOT);
        } catch (IllegalArgumentException e) {
            return false;
        }
        int dot = name.indexOf('.');
        return names.contains(name) || (dot > 0 && names.contains("*" + name.substring(dot)));
    }
}
