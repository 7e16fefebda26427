// SPDX-License-Identifier: Apache-2.0
package dev.tcpstates.jfr.event;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.InputStream;
import java.net.URISyntaxException;
import java.net.URL;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.stream.Collectors;
import javax.xml.XMLConstants;
import javax.xml.parsers.DocumentBuilderFactory;
import javax.xml.validation.SchemaFactory;
import jdk.jfr.Configuration;
import jdk.jfr.Enabled;
import jdk.jfr.Event;
import jdk.jfr.Name;
import jdk.jfr.Period;
import jdk.jfr.StackTrace;
import jdk.jfr.Threshold;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.openjdk.jmc.flightrecorder.configuration.model.xml.JFCGrammar;
import org.openjdk.jmc.flightrecorder.configuration.model.xml.JFCXMLValidator;
import org.openjdk.jmc.flightrecorder.configuration.model.xml.XMLModel;
import org.w3c.dom.Element;
import org.w3c.dom.NodeList;
import org.xml.sax.InputSource;

/** The .jfc files of the library and the agent. */
class ReadySettingsTest {
  private static Path file(String name) throws URISyntaxException {
    URL url = AgentState.class.getResource("/dev/tcpstates/jfr/" + name);
    return Path.of(url.toURI());
  }

  private static Element document(Path file) throws Exception {
    return DocumentBuilderFactory.newInstance()
        .newDocumentBuilder()
        .parse(file.toFile())
        .getDocumentElement();
  }

  private static List<Element> elements(Element parent, String tag) {
    List<Element> elements = new ArrayList<>();
    NodeList nodes = parent.getElementsByTagName(tag);
    for (int i = 0; i < nodes.getLength(); i++) {
      elements.add((Element) nodes.item(i));
    }
    return elements;
  }

  @ParameterizedTest
  @ValueSource(strings = {"tcpstates.jfc", "tcpstates-low.jfc", "tcpstates-full.jfc"})
  void theJvmTakesWhatTheFileSaysOfEachEvent(String name) throws Exception {
    Map<String, String> expected = new TreeMap<>();
    Set<String> events = new TreeSet<>();
    for (Element event : elements(document(file(name)), "event")) {
      assertTrue(events.add(event.getAttribute("name")));
      // In any other place, a JVM passes over it without a word.
      assertEquals("configuration", event.getParentNode().getNodeName());
      for (Element setting : elements(event, "setting")) {
        expected.put(
            event.getAttribute("name") + "#" + setting.getAttribute("name"),
            setting.getTextContent());
      }
    }
    assertEquals(
        EventMetadataTest.EVENTS.stream()
            .map(type -> type.getDeclaredAnnotation(Name.class).value())
            .collect(Collectors.toCollection(TreeSet::new)),
        events);
    for (Class<? extends Event> type : EventMetadataTest.EVENTS) {
      String event = type.getDeclaredAnnotation(Name.class).value();
      // What JFR asks for has no stack.
      List<String> settings =
          type.isAnnotationPresent(Period.class)
              ? List.of("enabled", "period")
              : List.of("enabled", "stackTrace", "threshold");
      for (String setting : settings) {
        assertTrue(expected.containsKey(event + "#" + setting), event + "#" + setting);
      }
    }
    assertEquals(expected, new TreeMap<>(Configuration.create(file(name)).getSettings()));
  }

  /** The default file has the defaults of the events, and the controls. */
  @Test
  void tcpstatesIsWhatTheEventsSay() throws Exception {
    Map<String, String> expected = new TreeMap<>();
    for (Class<? extends Event> type : EventMetadataTest.EVENTS) {
      String event = type.getDeclaredAnnotation(Name.class).value();
      boolean enabled = type.getDeclaredAnnotation(Enabled.class).value();
      expected.put(event + "#enabled", Boolean.toString(enabled));
      if (FilteredEvent.class.isAssignableFrom(type)) {
        for (String filter : List.of("localPorts", "remotePorts", "family", "loopback")) {
          expected.put(event + "#" + filter, ""); // all
        }
      }
      Period period = type.getDeclaredAnnotation(Period.class);
      if (period == null) {
        boolean stack = type.getDeclaredAnnotation(StackTrace.class).value();
        expected.put(event + "#stackTrace", Boolean.toString(stack));
        expected.put(event + "#threshold", type.getDeclaredAnnotation(Threshold.class).value());
      } else {
        expected.put(event + "#period", period.value());
      }
    }
    assertEquals(
        expected, new TreeMap<>(Configuration.create(file("tcpstates.jfc")).getSettings()));
  }

  @ParameterizedTest
  @ValueSource(strings = {"tcpstates.jfc", "tcpstates-low.jfc", "tcpstates-full.jfc"})
  void jmcTakesIt(String name) throws Exception {
    try (InputStream in = Files.newInputStream(file(name))) {
      XMLModel model = XMLModel.create(new InputSource(in), JFCXMLValidator.getValidator());
      model.checkErrors();
      assertEquals(
          List.of(),
          model.getResults().stream()
              .filter(result -> result.isError())
              .map(result -> result.getObject() + ": " + result.getText())
              .toList());
      assertEquals("2.0", model.getRoot().getValue(JFCGrammar.ATTRIBUTE_VERSION));
    }
    try (InputStream in = Files.newInputStream(file(name))) {
      XMLModel.validate(
          in,
          name,
          SchemaFactory.newInstance(XMLConstants.W3C_XML_SCHEMA_NS_URI)
              .newSchema(
                  XMLModel.class.getResource(
                      "/org/openjdk/jmc/flightrecorder/configuration/events/jfc_v2.xsd")));
    }
  }

  /** The switches that JMC shows have the values of the settings. */
  @ParameterizedTest
  @ValueSource(strings = {"tcpstates.jfc", "tcpstates-low.jfc", "tcpstates-full.jfc"})
  void eachControlHasTheValueOfItsSettings(String name) throws Exception {
    Element root = document(file(name));
    Map<String, String> controls = new TreeMap<>();
    for (String tag : List.of("flag", "text")) {
      for (Element control : elements(root, tag)) {
        controls.put(control.getAttribute("name"), control.getTextContent());
      }
    }
    Map<String, String> settings = new TreeMap<>();
    for (Element setting : elements(root, "setting")) {
      if (setting.hasAttribute("control")) {
        String before = settings.put(setting.getAttribute("control"), setting.getTextContent());
        assertTrue(before == null || before.equals(setting.getTextContent()));
      }
    }
    assertEquals(controls, settings);
  }
}
