// SPDX-License-Identifier: Apache-2.0
package dev.tcpstates.jmc;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotNull;

import java.io.File;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Map;
import java.util.Properties;
import java.util.ServiceLoader;
import java.util.TreeMap;
import java.util.concurrent.RunnableFuture;
import java.util.jar.JarFile;
import jdk.jfr.Recording;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.osgi.framework.Bundle;
import org.osgi.framework.BundleContext;
import org.osgi.framework.Constants;
import org.osgi.framework.ServiceReference;
import org.osgi.framework.launch.Framework;
import org.osgi.framework.launch.FrameworkFactory;
import org.osgi.framework.wiring.BundleWiring;

/**
 * The packaged rules in Equinox, the framework that JDK Mission Control runs on, with its own core
 * bundles: they resolve, the extension is found, and the rules work with the classes they get.
 *
 * <p>The application's user interface is not there. Its bundle {@code
 * org.openjdk.jmc.flightrecorder.rules.extensionprovider} is on no Maven repository; what it does,
 * this test does: it asks the registry for the extensions, and each bundle's loader for services.
 */
class BundleIT {
  private static final String RULES = "org.openjdk.jmc.flightrecorder.rules";
  private static final String POINT = RULES + ".ruleProvider";
  private static final String OURS = "dev.tcpstates.jmc";

  @TempDir Path dir;

  private final Map<String, Bundle> bundles = new TreeMap<>();
  private Framework framework;

  @BeforeEach
  void startFramework() throws Exception {
    framework =
        ServiceLoader.load(FrameworkFactory.class)
            .findFirst()
            .orElseThrow()
            .newFramework(Map.of(Constants.FRAMEWORK_STORAGE, dir.resolve("storage").toString()));
    framework.start();
    BundleContext context = framework.getBundleContext();
    for (String name :
        new String[] {
          "org.eclipse.equinox.common",
          "org.eclipse.equinox.registry",
          "org.owasp.encoder",
          "lz4-java",
          "org.openjdk.jmc.common",
          "org.openjdk.jmc.flightrecorder",
          RULES
        }) {
      bundles.put(name, context.installBundle(onClassPath(name).toURI().toString()));
    }
    File packaged = new File("target/tcpstates-jmc-rules.jar");
    bundles.put(OURS, context.installBundle(packaged.toURI().toString()));
    for (Bundle bundle : bundles.values()) {
      // As an application does with those that say when they want to be activated, and all else.
      bundle.start(Bundle.START_ACTIVATION_POLICY);
    }
    bundles.get("org.eclipse.equinox.registry").start();
  }

  @AfterEach
  void stopFramework() throws Exception {
    framework.stop();
    framework.waitForStop(60_000);
  }

  private static File onClassPath(String symbolicName) throws IOException {
    for (String entry : System.getProperty("java.class.path").split(File.pathSeparator)) {
      File file = new File(entry);
      if (file.isFile()) {
        try (JarFile jar = new JarFile(file)) {
          String name = jar.getManifest().getMainAttributes().getValue("Bundle-SymbolicName");
          if (name != null && name.split(";")[0].strip().equals(symbolicName)) {
            return file;
          }
        }
      }
    }
    throw new AssertionError("not on the class path: " + symbolicName);
  }

  @Test
  void theApplicationFindsTheRulesAndTheyWork() throws Exception {
    Object registry = service("org.eclipse.core.runtime.IExtensionRegistry");
    Object[] extensions =
        (Object[])
            call(registry, "getConfigurationElementsFor", new Class<?>[] {String.class}, POINT);
    assertEquals(1, extensions.length, Arrays.toString(extensions));
    assertEquals("ruleProvider", call(extensions[0], "getName"));
    Object contributor = call(extensions[0], "getContributor");
    assertEquals(OURS, call(contributor, "getName"));

    ClassLoader loader = bundles.get(OURS).adapt(BundleWiring.class).getClassLoader();
    Class<?> ruleType = bundles.get(RULES).loadClass(RULES + ".IRule");
    Map<String, String> evaluation = new TreeMap<>();
    Object items = load(recording());
    for (Object rule : ServiceLoader.load(ruleType, loader)) {
      evaluation.put((String) call(rule, "getId"), evaluate(rule, items));
    }
    assertEquals(
        Map.of(
            "TcpAcceptQueue", "OK",
            "TcpChurn", "OK",
            "TcpFailedConnect", "OK",
            "TcpGrowth", "OK",
            "TcpIncomplete", "OK",
            "TcpLeak", "INFO",
            "TcpReset", "OK",
            "TcpRetransmit", "OK",
            "TcpSlowHandshake", "OK",
            "TcpStuck", "OK"),
        evaluation);
  }

  @Test
  void manifestNamesVersionAndSingleton() throws Exception {
    Bundle bundle = bundles.get(OURS);
    Properties project = new Properties();
    try (JarFile jar = new JarFile("target/tcpstates-jmc-rules.jar");
        InputStream in =
            jar.getInputStream(
                jar.getEntry("META-INF/maven/dev.tcpstates/tcpstates-jmc-rules/pom.properties"))) {
      project.load(in);
    }
    // OSGi has a dot where Maven has a hyphen.
    assertEquals(project.getProperty("version").replace('-', '.'), bundle.getVersion().toString());
    assertEquals(OURS + ";singleton:=true", bundle.getHeaders().get(Constants.BUNDLE_SYMBOLICNAME));
    // Nothing but the rules, the model and the reading of events, the list of rules, and Maven's
    // own.
    try (JarFile jar = new JarFile("target/tcpstates-jmc-rules.jar")) {
      assertEquals(
          0,
          jar.stream()
              .filter(entry -> !entry.isDirectory())
              .filter(
                  entry ->
                      !entry
                          .getName()
                          .matches(
                              "dev/tcpstates/jmc/(model/((analysis|read)/)?)?[^/]+\\.class|plugin\\.xml"
                                  + "|META-INF/.*"))
              .count());
    }
  }

  private Path recording() throws IOException {
    Path file = dir.resolve("leak.jfr");
    try (Recording recording = new Recording()) {
      recording.start();
      Events.attached();
      Events.state(1, "CLOSE_WAIT", 31_000_000_000L).commit();
      Events.attached();
      recording.stop();
      recording.dump(file);
    }
    return file;
  }

  private Object load(Path recording) throws Exception {
    return bundles
        .get("org.openjdk.jmc.flightrecorder")
        .loadClass("org.openjdk.jmc.flightrecorder.JfrLoaderToolkit")
        .getMethod("loadEvents", File.class)
        .invoke(null, recording.toFile());
  }

  private String evaluate(Object rule, Object items) throws Exception {
    Bundle common = bundles.get("org.openjdk.jmc.common");
    Class<?> itemsType = common.loadClass("org.openjdk.jmc.common.item.IItemCollection");
    Class<?> preferencesType =
        common.loadClass("org.openjdk.jmc.common.util.IPreferenceValueProvider");
    Class<?> othersType = bundles.get(RULES).loadClass(RULES + ".IResultValueProvider");
    RunnableFuture<?> evaluation =
        (RunnableFuture<?>)
            call(
                rule,
                "createEvaluation",
                new Class<?>[] {itemsType, preferencesType, othersType},
                items,
                preferencesType.getField("DEFAULT_VALUES").get(null),
                null);
    evaluation.run();
    return String.valueOf(call(evaluation.get(), "getSeverity"));
  }

  private Object service(String type) throws Exception {
    BundleContext context = framework.getBundleContext();
    // Of all, for the framework itself has other classes of that name: those of this test.
    ServiceReference<?>[] found = context.getAllServiceReferences(type, null);
    assertNotNull(found, type);
    return context.getService(found[0]);
  }

  private static Object call(Object target, String method) throws Exception {
    return call(target, method, new Class<?>[0]);
  }

  /** Through an interface, because the classes are not public. */
  private static Object call(
      Object target, String method, Class<?>[] parameters, Object... arguments) throws Exception {
    for (Class<?> type = target.getClass(); type != null; type = type.getSuperclass()) {
      for (Class<?> api : type.getInterfaces()) {
        try {
          return api.getMethod(method, parameters).invoke(target, arguments);
        } catch (NoSuchMethodException e) {
          // Another of its interfaces has it.
        }
      }
    }
    return target.getClass().getMethod(method, parameters).invoke(target, arguments);
  }
}
