import { setNonce } from "get-nonce";

const place = document.querySelector<HTMLMetaElement>('meta[property="csp-nonce"]');

/** What this page's own styles are known by: the policy allows no others. */
export const nonce = place?.nonce ?? "";

// Mantine's overlays lock scrolling by a style of their own, which asks here.
setNonce(nonce);
