import { Badge } from "@mantine/core";
import { Link } from "@tanstack/react-router";
import { useTranslation } from "react-i18next";

interface Named {
  readonly instance_id: string;
  readonly name: string;
  readonly is_mock: boolean;
}

/** An instance's name, which leads to it, and whether it only tried its flow out. */
export function NameLink({ row }: { readonly row: Named }) {
  const { t } = useTranslation("instances");
  return (
    <>
      <Link
        to="/instances/$instance"
        params={{ instance: row.instance_id }}
        className="link cut"
        title={row.name}
      >
        {row.name}
      </Link>
      {row.is_mock && (
        <Badge size="xs" variant="outline" color="gray">
          {t("mock")}
        </Badge>
      )}
    </>
  );
}
