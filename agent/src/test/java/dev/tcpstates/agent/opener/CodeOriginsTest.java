// SPDX-License-Identifier: Apache-2.0
package dev.tcpstates.agent.opener;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.io.IOException;
import java.io.InputStream;
import java.lang.ref.WeakReference;
import java.net.MalformedURLException;
import java.net.URL;
import java.net.URLConnection;
import java.net.URLStreamHandler;
import java.security.CodeSource;
import java.security.ProtectionDomain;
import java.security.cert.Certificate;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class CodeOriginsTest {
  private static final Launch LAUNCH =
      new Launch("shop.Main", "/opt/shop app/shop.jar", null, Set.of("/opt/apm.jar"));

  /** The class that is defined again, from another place. */
  static final class Subject {}

  /** Defines the subject as if it came from there. */
  private static final class From extends ClassLoader {
    private final ProtectionDomain domain;

    From(URL location) {
      super(null);
      domain =
          location == null
              ? null
              : new ProtectionDomain(new CodeSource(location, (Certificate[]) null), null);
    }

    Class<?> subject() {
      String name = Subject.class.getName();
      try (InputStream in = Subject.class.getResourceAsStream("CodeOriginsTest$Subject.class")) {
        byte[] bytes = in.readAllBytes();
        return defineClass(name, bytes, 0, bytes.length, domain);
      } catch (IOException e) {
        throw new AssertionError(e);
      }
    }
  }

  /** Of a protocol that the JDK does not know, as class loaders of applications have. */
  private static URL url(String text) {
    try {
      return new URL(
          null,
          text,
          new URLStreamHandler() {
            @Override
            protected URLConnection openConnection(URL url) {
              throw new UnsupportedOperationException();
            }
          });
    } catch (MalformedURLException e) {
      throw new AssertionError(e);
    }
  }

  private static Origin origin(Launch launch, String location) {
    return new CodeOrigins(launch).of(new From(url(location)).subject());
  }

  @ParameterizedTest
  @CsvSource({
    "file:/opt/shop%20app/shop.jar, MAIN_JAR",
    "file:/opt/shop%20app/lib/nats.jar, DEPENDENCY",
    "file:/home/a/target/classes/, APPLICATION",
    "file:/home/a/target/test-classes/, APPLICATION",
    "jar:file:/opt/shop.jar!/BOOT-INF/classes!/, APPLICATION",
    "jar:file:/opt/shop.jar!/BOOT-INF/lib/nats.jar!/, DEPENDENCY",
    "jar:nested:/opt/shop.jar/!BOOT-INF/classes/!/, APPLICATION",
    "jar:nested:/opt/shop.jar/!BOOT-INF/lib/nats.jar!/, DEPENDENCY",
    "vfs:/content/shop.war/WEB-INF/classes, APPLICATION",
    "file:/srv/webapps/shop/WEB-INF/lib/nats.jar, DEPENDENCY",
    "file:/opt/apm.jar, AGENT",
    "jrt:/nats, DEPENDENCY",
    "file:/groovy/script, UNKNOWN",
    "file:/with blanks/nats.jar, UNKNOWN",
    "odd:x, UNKNOWN"
  })
  void byTheCodeSource(String location, Origin origin) {
    assertEquals(origin, origin(LAUNCH, location));
  }

  @Test
  void withoutAMainClassAnyJarMayBeTheApplications() {
    assertEquals(Origin.UNKNOWN, origin(Launch.UNKNOWN, "file:/opt/nats.jar"));
    assertEquals(Origin.APPLICATION, origin(Launch.UNKNOWN, "file:/home/a/target/classes/"));
  }

  @Test
  void withoutACodeSource() {
    assertEquals(Origin.UNKNOWN, new CodeOrigins(LAUNCH).of(new From(null).subject()));
  }

  @Test
  void theJdksAndTheTests() {
    CodeOrigins origins = new CodeOrigins(LAUNCH);
    assertEquals(Origin.PLATFORM, origins.of(String.class));
    assertEquals(Origin.PLATFORM, origins.of(java.sql.Connection.class));
    assertEquals(Origin.APPLICATION, origins.of(CodeOriginsTest.class));
    assertEquals(Origin.DEPENDENCY, origins.of(Test.class));
  }

  /** The jar of the main class is found where the class path has several. */
  @Test
  void theJarOfTheMainClass() {
    Launch launch = new Launch(Test.class.getName(), null, null, Set.of());
    assertEquals(Origin.MAIN_JAR, new CodeOrigins(launch).of(Test.class));
    assertEquals(Origin.DEPENDENCY, new CodeOrigins(launch).of(ParameterizedTest.class));
  }

  @Test
  void keepsNoClassAlive() throws InterruptedException {
    CodeOrigins origins = new CodeOrigins(LAUNCH);
    From loader = new From(url("file:/opt/nats.jar"));
    assertEquals(Origin.DEPENDENCY, origins.of(loader.subject()));
    WeakReference<ClassLoader> gone = new WeakReference<>(loader);
    loader = null;
    for (int i = 0; i < 50 && gone.get() != null; i++) {
      System.gc();
      Thread.sleep(10);
    }
    assertEquals(null, gone.get());
    assertEquals(Origin.PLATFORM, origins.of(String.class));
  }
}
