import { createTheme } from "@mantine/core";
import type { MantineColorsTuple } from "@mantine/core";

/** At 6, white text has a contrast of 5.8 to 1. */
const TEAL: MantineColorsTuple = [
  "#e6f5f8",
  "#cfe8ee",
  "#a1d1dc",
  "#70bacb",
  "#48a5ba",
  "#2f94ac",
  "#0f6e84",
  "#0c5f72",
  "#0a5161",
  "#074350",
];

/** At 6, white text has a contrast of 5.6 to 1. */
const RED: MantineColorsTuple = [
  "#fdecec",
  "#f9d6d6",
  "#f2acac",
  "#ea8080",
  "#e45b5b",
  "#d63c3c",
  "#c22f2f",
  "#a92626",
  "#911f1f",
  "#761818",
];

export const theme = createTheme({
  primaryColor: "teal",
  primaryShade: 6,
  colors: { teal: TEAL, red: RED },
  fontSizes: { xs: "12px", sm: "13px", md: "14px", lg: "16px", xl: "19px" },
  headings: { sizes: { h1: { fontSize: "20px" }, h2: { fontSize: "15px" } }, fontWeight: "620" },
  defaultRadius: 6,
  cursorType: "pointer",
  components: {
    Button: { defaultProps: { size: "xs" } },
    TextInput: { defaultProps: { size: "xs" } },
    Select: { defaultProps: { size: "xs" } },
    MultiSelect: { defaultProps: { size: "xs" } },
    Checkbox: { defaultProps: { size: "xs" } },
    // Its place for the first focus is none that a menu may hold: the first item gets it.
    Menu: { defaultProps: { withInitialFocusPlaceholder: false } },
    Tooltip: { defaultProps: { withArrow: true, multiline: true } },
    Modal: {
      defaultProps: { centered: true, overlayProps: { backgroundOpacity: 0.4 } },
      styles: { title: { fontWeight: 600 } },
    },
  },
});
