package io.byssus.net.tls;

import io.netty.buffer.UnpooledByteBufAllocator;
import io.netty.handler.ssl.ApplicationProtocolConfig;
import io.netty.handler.ssl.ClientAuth;
import io.netty.handler.ssl.OpenSsl;
import io.netty.handler.ssl.OpenSslCachingX509KeyManagerFactory;
import io.netty.handler.ssl.OpenSslSessionContext;
import io.netty.handler.ssl.OpenSslSessionTicketKey;
import io.netty.handler.ssl.SslContext;
import io.netty.handler.ssl.SslContextBuilder;
import io.netty.handler.ssl.SslProvider;
import io.netty.handler.ssl.SupportedCipherSuiteFilter;
import io.netty.handler.ssl.util.SimpleKeyManagerFactory;
import io.netty.util.ReferenceCountUtil;
import java.io.IOException;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.KeyStore;
import java.security.SecureRandom;
import javax.net.ssl.KeyManager;
import javax.net.ssl.KeyManagerFactory;
import javax.net.ssl.ManagerFactoryParameters;
import javax.net.ssl.SSLEngine;

/**
 * BoringSSL's or OpenSSL's engines, through Netty. This class is loaded by those alone who ask for
 * them: Netty need not be there.
 *
 * <p><b>Ownership:</b> any thread.
 */
final class OpenSslEngines implements Engines {
    private final SslContext context;

    private OpenSslEngines(SslContext context) {
        this.context = context;
    }

    /** A server's; blocks. */
    static Engines server(TlsServerOptions options, ReloadingKeys keys) throws IOException {
        requireAvailable();
        SslContextBuilder builder =
                SslContextBuilder.forServer(keyManagers(keys))
                        .clientAuth(
                                switch (options.clientCertificates()) {
                                    case IGNORED -> ClientAuth.NONE;
                                    case REQUESTED -> ClientAuth.OPTIONAL;
                                    case REQUIRED -> ClientAuth.REQUIRE;
                                });
        SslContext context = build(builder, options.settings(), options.trusted().orElse(null));
        OpenSslSessionContext sessions = (OpenSslSessionContext) context.sessionContext();
        sessions.setSessionCacheEnabled(true);
        sessions.setTicketKeys(ticketKey());
        return new OpenSslEngines(context);
    }

    /** A client's; blocks. */
    static Engines client(TlsClientOptions options, ReloadingKeys keys) throws IOException {
        requireAvailable();
        SslContextBuilder builder = SslContextBuilder.forClient();
        if (keys != null) {
            builder.keyManager(keyManagers(keys));
        }
        builder.endpointIdentificationAlgorithm(options.verifiesName() ? "HTTPS" : "");
        SslContext context = build(builder, options.settings(), options.trusted().orElse(null));
        ((OpenSslSessionContext) context.sessionContext()).setSessionCacheEnabled(true);
        return new OpenSslEngines(context);
    }

    private static void requireAvailable() {
        if (!OpenSsl.isAvailable()) {
            throw new UnsupportedOperationException(
                    "provider=" + TlsProvider.OPENSSL + ": netty-tcnative is not there",
                    OpenSsl.unavailabilityCause());
        }
    }

    private static SslContext build(SslContextBuilder builder, TlsSettings settings, Path trusted)
            throws IOException {
        try {
            builder.sslProvider(SslProvider.OPENSSL_REFCNT)
                    .protocols(settings.protocols())
                    .ciphers(settings.cipherSuites(), SupportedCipherSuiteFilter.INSTANCE)
                    .trustManager(Contexts.trustFactory(trusted));
        } catch (GeneralSecurityException e) {
            throw new IOException("TLS: " + e.getMessage(), e);
        }
        if (!settings.applicationProtocols().isEmpty()) {
            builder.applicationProtocolConfig(
                    new ApplicationProtocolConfig(
                            ApplicationProtocolConfig.Protocol.ALPN,
                            ApplicationProtocolConfig.SelectorFailureBehavior.NO_ADVERTISE,
                            ApplicationProtocolConfig.SelectedListenerFailureBehavior.ACCEPT,
                            settings.applicationProtocols()));
        }
        return builder.build();
    }

    /** What a session is sealed with that a client brings back; known to this process alone. */
    private static OpenSslSessionTicketKey ticketKey() {
        SecureRandom random = new SecureRandom();
        byte[] name = new byte[OpenSslSessionTicketKey.NAME_SIZE];
        byte[] hmac = new byte[OpenSslSessionTicketKey.HMAC_KEY_SIZE];
        byte[] aes = new byte[OpenSslSessionTicketKey.AES_KEY_SIZE];
        random.nextBytes(name);
        random.nextBytes(hmac);
        random.nextBytes(aes);
        return new OpenSslSessionTicketKey(name, hmac, aes);
    }

    /** An alias of {@link ReloadingKeys} never changes its meaning, so it may be cached. */
    private static KeyManagerFactory keyManagers(ReloadingKeys keys) {
        return new OpenSslCachingX509KeyManagerFactory(
                new SimpleKeyManagerFactory() {
                    @Override
                    protected void engineInit(KeyStore store, char[] password) {
                        // they are there
                    }

                    @Override
                    protected void engineInit(ManagerFactoryParameters parameters) {
                        // they are there
                    }

                    @Override
                    protected KeyManager[] engineGetKeyManagers() {
                        return new KeyManager[] {keys};
                    }
                });
    }

    @Override
    public SSLEngine open(String host, int port) {
        return host == null
                ? context.newEngine(UnpooledByteBufAllocator.DEFAULT)
                : context.newEngine(UnpooledByteBufAllocator.DEFAULT, host, port);
    }

    /** What Netty is told for all of them need not be told each, which costs it much. */
    @Override
    public boolean knowsOptions() {
        return true;
    }

    @Override
    public void release(SSLEngine engine) {
        ReferenceCountUtil.safeRelease(engine);
    }
}
