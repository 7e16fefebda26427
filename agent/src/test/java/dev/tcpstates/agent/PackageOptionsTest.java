// SPDX-License-Identifier: Apache-2.0
package dev.tcpstates.agent;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.List;
import java.util.Properties;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class PackageOptionsTest {
  private static Options parse(String arguments) throws OptionException {
    return Options.parse(arguments, new Properties());
  }

  @Test
  void listsOfPackages() throws OptionException {
    Options options = parse("appPackages=com.acme; com.über ,skipPackages=org.example.net_2");
    assertEquals(List.of("com.acme", "com.über"), options.appPackages());
    assertEquals(List.of("org.example.net_2"), options.skipPackages());
    assertTrue(
        options.toString().contains(",appPackages=com.acme;com.über,skipPackages=org.example"),
        options.toString());
  }

  @Test
  void noneByDefault() throws OptionException {
    assertEquals(Options.DEFAULTS, parse(null));
    assertEquals(List.of(), Options.DEFAULTS.appPackages());
    assertEquals(List.of(), Options.DEFAULTS.skipPackages());
  }

  @ParameterizedTest
  @ValueSource(
      strings = {"", "com.acme;", ";", "com.acme.*", "com.acme.", ".com", "com..acme", "a b"})
  void whatIsNoListOfPackages(String value) {
    String message =
        assertThrows(OptionException.class, () -> parse("skipPackages=" + value)).getMessage();
    assertEquals(
        "skipPackages=" + value + " is not valid; it is packages such as com.example;org.example",
        message);
  }
}
