import { ProductsPage } from '../../features/products/products-page.tsx'

export default function Page() {
  return <ProductsPage />
}
