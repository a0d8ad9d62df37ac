import { ProductPage } from '../../../features/products/product-page.tsx'

export default function Page() {
  return <ProductPage />
}
